#include "image_hash.h"
#include "board.h"
#include "image.h"

#define SLICE_BYTES 4096

static struct sha256 hash;
static uint32_t hashed;
static bool is_begun, is_done;
static uint8_t digest[SHA256_BYTES];

bool image_hash_step(void) {
  if (is_done) return true;
  if (!is_begun) sha256_start(&hash);
  is_begun = true;
  uint32_t left = image_bytes() - hashed;
  uint32_t slice = left < SLICE_BYTES ? left : SLICE_BYTES;
  sha256_add(&hash, (const uint8_t *)EXECUTABLE_REGION + hashed, slice);
  hashed += slice;
  if (hashed < image_bytes()) return false;
  sha256_end(&hash, digest);
  is_done = true;
  return true;
}

const uint8_t *image_hash(void) {
  return digest;
}
