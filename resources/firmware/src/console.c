#include "console.h"
#include "text.h"
#include "uart.h"

void console_write(const char *text) {
  uart_send(text, text_length(text));
}

void console_line(const char *text) {
  console_write(text);
  console_write("\r\n");
}

void console_number(int32_t value) {
  char digits[12];
  struct text text = TEXT_IN(digits);
  text_add_number(&text, value);
  console_write(digits);
}
