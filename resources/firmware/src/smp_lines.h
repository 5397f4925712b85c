// SMP packets as lines of a serial console: 06 09 or 04 14, base64, line end.
#ifndef SMP_LINES_H
#define SMP_LINES_H

#include <stdbool.h>
#include <stdint.h>

struct smp_packet {
  const uint8_t *bytes;
  uint32_t count;
};

// Takes one byte of the line. True where it made a packet whole, which lies in the parser's
// buffer until the next byte comes.
bool smp_lines_take(uint8_t byte, struct smp_packet *packet);
void smp_lines_send(const uint8_t *packet, uint32_t count);

#endif
