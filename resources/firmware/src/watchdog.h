#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <stdbool.h>

void watchdog_feed(void);
// Resets the handset now; boot code stays in restore mode if asked to.
void watchdog_reset(bool to_restore_mode) __attribute__((noreturn));

#endif
