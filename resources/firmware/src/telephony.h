// Radio cell and calls.
#ifndef TELEPHONY_H
#define TELEPHONY_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_CHARACTERS 20

enum service { SERVICE_NONE, SERVICE_SEARCHING, SERVICE_FULL };
enum call { CALL_NONE, CALL_DIALLING, CALL_CONNECTED, CALL_ENDED, CALL_LOST, CALL_NO_SERVICE };

void telephony_begin(void);
uint32_t telephony_run(uint32_t now);
bool telephony_is_alive(void);

enum service telephony_service(void);
// 1 to 4 in reach of a cell, else 0.
int telephony_bars(void);
void telephony_dial(const char *number);
void telephony_hang_up(void);
enum call telephony_call(void);
const char *telephony_number(void);
// Of the call that is connected or was the last one.
uint32_t telephony_seconds(void);

#endif
