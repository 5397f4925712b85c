#include "clock.h"
#include "board.h"
#include "interrupts.h"
#include "registers.h"

// The timer's low word wraps round after 71 minutes; whole milliseconds are counted out of it
// before that, which needs no division of 64 bits.
static uint32_t counted_us, milliseconds;
// Seconds are counted apart from the milliseconds, which wrap round after 49 days.
static uint32_t counted_ms, seconds;

void clock_start(void) {
  counted_us = TIMER_RAW_LOW;
  TIMER_INTERRUPT_ENABLE = 1;
  NVIC_SET_ENABLE = 1u << INTERRUPT_TIMER0;
}

void timer_handler(void) {
  TIMER_INTERRUPTS = 1;
}

uint32_t clock_ms(void) {
  uint32_t passed = (TIMER_RAW_LOW - counted_us) / 1000;
  counted_us += passed * 1000;
  milliseconds += passed;
  return milliseconds;
}

uint32_t clock_utc(void) {
  uint32_t passed = (clock_ms() - counted_ms) / 1000;
  counted_ms += passed * 1000;
  seconds += passed;
  uint32_t started = HANDOVER->magic == HANDOVER_MAGIC ? HANDOVER->started_at : 0;
  return started + seconds;
}

void clock_sleep(uint32_t ms) {
  uint32_t target = counted_us + ms * 1000;
  TIMER_ALARM0 = target;
  // An alarm in the past would come an hour late.
  if ((int32_t)(TIMER_RAW_LOW - target) >= 0) return;
  // An interrupt since the last look at the work leaves an event behind, and then this does not
  // sleep. WFI would miss it: there is no look and sleep in one instruction.
  __asm volatile("wfe" ::: "memory");
}
