// Text in fixed buffers. What does not fit is left out; the result always ends with a 0.
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct text {
  char *start;
  uint16_t length;
  uint16_t limit;
};

#define TEXT_IN(buffer) text_in(buffer, sizeof(buffer))

struct text text_in(char *buffer, uint32_t bytes);
void text_add(struct text *text, const char *more);
void text_add_char(struct text *text, char character);
void text_add_number(struct text *text, int32_t value);
// Two digits at least, as clocks write them.
void text_add_padded(struct text *text, uint32_t value);
void text_add_hex(struct text *text, uint32_t value, int digits);

uint32_t text_length(const char *text);
bool text_equal(const char *one, const char *other);
// Less than, equal to or greater than 0; case does not matter.
int text_compare(const char *one, const char *other);
char text_upper(char character);

#endif
