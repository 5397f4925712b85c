// Lines of text on the cable, between the frames of SMP.
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>

void console_write(const char *text);
void console_line(const char *text);
void console_number(int32_t value);

#endif
