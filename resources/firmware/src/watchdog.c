#include "watchdog.h"
#include "board.h"
#include "registers.h"

void watchdog_feed(void) {
  WATCHDOG_LOAD = WATCHDOG_MILLISECONDS * WATCHDOG_COUNTS_PER_MILLISECOND;
}

void watchdog_reset(bool to_restore_mode) {
  WATCHDOG_SCRATCH(SCRATCH_REQUEST) = to_restore_mode ? REQUEST_RESTORE_MODE : 0;
  WATCHDOG_CONTROL |= WATCHDOG_TRIGGER;
  for (;;) continue;
}
