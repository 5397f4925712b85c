// The few functions of a C library that the compiler and we need.
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, unsigned bytes);
void *memset(void *to, int value, unsigned bytes);
void memory_copy(void *to, const void *from, uint32_t bytes);
void memory_fill(void *to, uint8_t value, uint32_t bytes);
bool memory_equal(const void *one, const void *other, uint32_t bytes);

#endif
