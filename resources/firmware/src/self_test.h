// What the software checks before it calls itself fit to run.
#ifndef SELF_TEST_H
#define SELF_TEST_H

#include <stdint.h>

// Runs all tests and leaves the outcome in the watchdog's scratch registers and on the cable.
void self_test_run(void);
// Number of the test that failed, from 1; 0 where all passed.
int self_test_failed(void);
const char *self_test_failed_name(void);

#endif
