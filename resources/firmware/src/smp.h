// The SMP server of running software: test signal, identity, image state and reset. It does not
// rewrite the flash; restore mode does.
#ifndef SMP_H
#define SMP_H

#include <stdbool.h>
#include <stdint.h>

// Serves what has come in. Milliseconds until there is more to do: 0 while a hash is worked on.
uint32_t smp_run(void);
// Requests answered since the start.
uint32_t smp_answered(void);

#endif
