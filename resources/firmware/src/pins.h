// Keys and switches. An interrupt notes each key that goes down, so that a tap between two looks
// is not missed.
#ifndef PINS_H
#define PINS_H

#include <stdbool.h>
#include <stdint.h>

#define PINS_NO_KEY -1

void pins_start(void);
// The next key that went down; PINS_NO_KEY where there is none.
int pins_take_key(void);
bool pins_held(int pin);

#endif
