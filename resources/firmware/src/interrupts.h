// Entries of the vector table.
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

void reset_handler(void) __attribute__((noreturn));
void fault_handler(void);
void timer_handler(void);
void pins_handler(void);
void uart_handler(void);

#endif
