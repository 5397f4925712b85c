// SHA-256 (FIPS 180-4), piece by piece.
#ifndef SHA256_H
#define SHA256_H

#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_BLOCK_BYTES 64

struct sha256 {
  uint32_t state[8];
  uint32_t bytes;
  uint8_t block[SHA256_BLOCK_BYTES];
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, uint32_t count);
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_BYTES]);

#endif
