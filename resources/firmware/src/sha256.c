#include "sha256.h"

static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, int by) {
  return value >> by | value << (32 - by);
}

static void take_block(struct sha256 *hash) {
  uint32_t w[16], s[8];
  for (int i = 0; i < 16; i++) {
    const uint8_t *byte = hash->block + 4 * i;
    w[i] = (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
  }
  for (int i = 0; i < 8; i++) s[i] = hash->state[i];
  for (int i = 0; i < 64; i++) {
    if (i >= 16) {
      uint32_t w1 = w[(i + 1) & 15], w14 = w[(i + 14) & 15];
      w[i & 15] += (rotate(w1, 7) ^ rotate(w1, 18) ^ w1 >> 3) + w[(i + 9) & 15] +
                   (rotate(w14, 17) ^ rotate(w14, 19) ^ w14 >> 10);
    }
    uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    uint32_t sum1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
    uint32_t sum0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
    uint32_t one = s[7] + sum1 + choice + rounds[i] + w[i & 15];
    for (int k = 7; k > 0; k--) s[k] = s[k - 1];
    s[4] += one;
    s[0] = one + sum0 + majority;
  }
  for (int i = 0; i < 8; i++) hash->state[i] += s[i];
}

void sha256_start(struct sha256 *hash) {
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int i = 0; i < 8; i++) hash->state[i] = initial[i];
  hash->bytes = 0;
}

void sha256_add(struct sha256 *hash, const void *bytes, uint32_t count) {
  const uint8_t *next = bytes;
  while (count-- > 0) {
    hash->block[hash->bytes++ % SHA256_BLOCK_BYTES] = *next++;
    if (hash->bytes % SHA256_BLOCK_BYTES == 0) take_block(hash);
  }
}

void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_BYTES]) {
  static const uint8_t one = 0x80, zero = 0;
  uint32_t bytes = hash->bytes;
  sha256_add(hash, &one, 1);
  while (hash->bytes % SHA256_BLOCK_BYTES != SHA256_BLOCK_BYTES - 8) sha256_add(hash, &zero, 1);
  uint8_t bits[8] = {0,
                     0,
                     0,
                     (uint8_t)(bytes >> 29),
                     (uint8_t)(bytes >> 21),
                     (uint8_t)(bytes >> 13),
                     (uint8_t)(bytes >> 5),
                     (uint8_t)(bytes << 3)};
  sha256_add(hash, bits, sizeof bits);
  for (int i = 0; i < SHA256_BYTES; i++) {
    digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
  }
}
