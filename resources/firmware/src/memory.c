#include "memory.h"

// The compiler calls memcpy and memset of its own accord, so they must not be compiled into calls
// of themselves.
#define NO_CALLS __attribute__((optimize("no-tree-loop-distribute-patterns")))

NO_CALLS void *memcpy(void *to, const void *from, unsigned bytes) {
  uint8_t *target = to;
  const uint8_t *source = from;
  if ((((uint32_t)to | (uint32_t)from) & 3) == 0) {
    for (; bytes >= 4; bytes -= 4, target += 4, source += 4) {
      *(uint32_t *)target = *(const uint32_t *)source;
    }
  }
  while (bytes-- > 0) *target++ = *source++;
  return to;
}

NO_CALLS void *memset(void *to, int value, unsigned bytes) {
  uint8_t *target = to;
  uint32_t word = (uint8_t)value * 0x01010101u;
  for (; bytes > 0 && ((uint32_t)target & 3) != 0; bytes--) *target++ = (uint8_t)value;
  for (; bytes >= 4; bytes -= 4, target += 4) *(uint32_t *)target = word;
  while (bytes-- > 0) *target++ = (uint8_t)value;
  return to;
}

void memory_copy(void *to, const void *from, uint32_t bytes) {
  memcpy(to, from, bytes);
}

void memory_fill(void *to, uint8_t value, uint32_t bytes) {
  memset(to, value, bytes);
}

bool memory_equal(const void *one, const void *other, uint32_t bytes) {
  const uint8_t *left = one, *right = other;
  while (bytes-- > 0) {
    if (*left++ != *right++) return false;
  }
  return true;
}
