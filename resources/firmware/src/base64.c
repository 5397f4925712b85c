#include "base64.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char character) {
  if (character >= 'A' && character <= 'Z') return character - 'A';
  if (character >= 'a' && character <= 'z') return character - 'a' + 26;
  if (character >= '0' && character <= '9') return character - '0' + 52;
  if (character == '+') return 62;
  if (character == '/') return 63;
  return BASE64_NONE;
}

void base64_encode(const uint8_t *bytes, uint32_t count, char quad[4]) {
  uint32_t bits = (uint32_t)bytes[0] << 16;
  if (count > 1) bits |= (uint32_t)bytes[1] << 8;
  if (count > 2) bits |= bytes[2];
  quad[0] = alphabet[bits >> 18];
  quad[1] = alphabet[bits >> 12 & 63];
  quad[2] = count > 1 ? alphabet[bits >> 6 & 63] : '=';
  quad[3] = count > 2 ? alphabet[bits & 63] : '=';
}
