#include "crc.h"

// Tables of 16 entries are small enough for the flash and four times as fast as single bits.
static const uint32_t crc32_table[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};
static const uint16_t crc16_table[16] = {
    0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7,
    0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF,
};

uint32_t crc32_add(uint32_t crc, const void *bytes, uint32_t count) {
  const uint8_t *next = bytes;
  while (count-- > 0) {
    crc ^= *next++;
    crc = crc >> 4 ^ crc32_table[crc & 15];
    crc = crc >> 4 ^ crc32_table[crc & 15];
  }
  return crc;
}

uint32_t crc32_end(uint32_t crc) {
  return ~crc;
}

uint16_t crc16_add(uint16_t crc, const void *bytes, uint32_t count) {
  const uint8_t *next = bytes;
  while (count-- > 0) {
    uint32_t byte = *next++;
    crc = (uint16_t)(crc << 4 ^ crc16_table[(crc >> 12 ^ byte >> 4) & 15]);
    crc = (uint16_t)(crc << 4 ^ crc16_table[(crc >> 12 ^ byte) & 15]);
  }
  return crc;
}
