// A HardFault leaves its program counter behind and waits: the watchdog, fed no more, resets. So
// does an exception that nothing enables, which only damage leads to.
#include "board.h"
#include "console.h"
#include "interrupts.h"
#include "registers.h"
#include "text.h"

#define FRAME_PC 6

__attribute__((used, noreturn)) static void stop(uint32_t pc) {
  char line[32];
  struct text text = TEXT_IN(line);
  WATCHDOG_SCRATCH(SCRATCH_FAULT_PC) = pc;
  text_add(&text, "\r\nfault at 0x");
  text_add_hex(&text, pc, 8);
  console_line(line);
  __asm volatile("cpsid i");
  for (;;) __asm volatile("wfi");
}

__attribute__((used, noreturn)) static void stop_with_frame(const uint32_t *frame) {
  stop(frame[FRAME_PC]);
}

__attribute__((naked)) void fault_handler(void) {
  __asm volatile("mrs r0, msp\n\tldr r1, =stop_with_frame\n\tbx r1");
}
