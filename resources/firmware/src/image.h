// What the image says of itself, and where it ends.
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

#define DESCRIPTOR_MAGIC 0x4457534Bu
#define DESCRIPTOR_FORMAT 1
// 2 since the agents of release 2 can upgrade themselves.
#define AGENT_LEVEL (VERSION_MAJOR >= 2 ? 2 : 1)

struct descriptor {
  uint32_t magic;
  uint16_t format;
  uint16_t agent_level;
  char model[16];
  char name[16];
  uint16_t major, minor, revision;
  uint16_t reserved;
  uint32_t length;
  uint32_t crc;
  uint8_t unused[8];
};

extern const struct descriptor descriptor;

// Bytes of the image that the journal vouches for, or the descriptor's own length without one.
uint32_t image_bytes(void);

#endif
