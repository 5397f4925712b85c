// SHA-256 of the image as it lies in the flash, computed when it is first asked for.
#ifndef IMAGE_HASH_H
#define IMAGE_HASH_H

#include <stdbool.h>
#include <stdint.h>
#include "sha256.h"

// Hashes one slice more, so that nothing else waits long. True once the hash is there.
bool image_hash_step(void);
const uint8_t *image_hash(void);

#endif
