// Time since the start, and the time of day.
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER 0x7FFFFFFFu

// Milliseconds since the start; it wraps round after 49 days.
uint32_t clock_ms(void);
// Seconds since 1970, UTC.
uint32_t clock_utc(void);
// Sleeps until an interrupt comes, or for so long at most.
void clock_sleep(uint32_t ms);
void clock_start(void);

#endif
