#ifndef CRC_H
#define CRC_H

#include <stdint.h>

#define CRC32_START 0xFFFFFFFFu

// CRC-32 (IEEE), begun with CRC32_START and ended with crc32_end.
uint32_t crc32_add(uint32_t crc, const void *bytes, uint32_t count);
uint32_t crc32_end(uint32_t crc);
// CRC-16/XMODEM; begins with 0.
uint16_t crc16_add(uint16_t crc, const void *bytes, uint32_t count);

#endif
