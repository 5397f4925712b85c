#include "text.h"

struct text text_in(char *buffer, uint32_t bytes) {
  buffer[0] = 0;
  return (struct text){.start = buffer, .length = 0, .limit = (uint16_t)(bytes - 1)};
}

void text_add_char(struct text *text, char character) {
  if (text->length == text->limit) return;
  text->start[text->length++] = character;
  text->start[text->length] = 0;
}

void text_add(struct text *text, const char *more) {
  while (*more) text_add_char(text, *more++);
}

void text_add_number(struct text *text, int32_t value) {
  char digits[10];
  int count = 0;
  uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
  if (value < 0) text_add_char(text, '-');
  do {
    digits[count++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  while (count > 0) text_add_char(text, digits[--count]);
}

void text_add_padded(struct text *text, uint32_t value) {
  if (value < 10) text_add_char(text, '0');
  text_add_number(text, (int32_t)value);
}

void text_add_hex(struct text *text, uint32_t value, int digits) {
  while (digits-- > 0) text_add_char(text, "0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

uint32_t text_length(const char *text) {
  uint32_t length = 0;
  while (text[length]) length++;
  return length;
}

bool text_equal(const char *one, const char *other) {
  while (*one && *one == *other) one++, other++;
  return *one == *other;
}

char text_upper(char character) {
  return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A') : character;
}

int text_compare(const char *one, const char *other) {
  while (*one && text_upper(*one) == text_upper(*other)) one++, other++;
  return text_upper(*one) - text_upper(*other);
}
