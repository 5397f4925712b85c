#ifndef BASE64_H
#define BASE64_H

#include <stdint.h>

#define BASE64_NONE -1

// The six bits of a character; BASE64_NONE where it is none of base64's.
int base64_value(char character);
// Four characters for 1 to 3 bytes.
void base64_encode(const uint8_t *bytes, uint32_t count, char quad[4]);

#endif
