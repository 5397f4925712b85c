// UART0: the cable. Received bytes wait in a ring that an interrupt fills.
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

void uart_start(void);
// The next received byte; -1 where there is none.
int uart_take(void);
void uart_send(const void *bytes, uint32_t count);
// Waits until the last bit has left.
void uart_drain(void);

#endif
