// Draws into a band of pixels, which is sent to the display as a whole: what is painted one over
// another never flickers, and no picture of the whole display is kept in memory.
#ifndef DRAW_H
#define DRAW_H

#include <stdbool.h>
#include <stdint.h>
#include "assets.h"

#define LINE_HEIGHT 13

struct area {
  int16_t x, y, width, height;
};

// RGB565 of 24-bit colours.
#define COLOUR(rgb) \
  ((uint16_t)(((rgb) >> 8 & 0xF800) | ((rgb) >> 5 & 0x07E0) | ((rgb) >> 3 & 0x001F)))

// Paints an area of the display: `paint` is called for each band of it.
void draw_area(const struct area *area, void (*paint)(void));
// Whether anything of these rows is being painted.
bool draw_touches(int y, int height);

void draw_box(int x, int y, int width, int height, uint16_t colour);
void draw_frame(int x, int y, int width, int height, uint16_t colour);
// Each gives the place behind the last character.
int draw_text(int x, int y, const char *text, uint16_t colour);
int draw_bold(int x, int y, const char *text, uint16_t colour);
int draw_part(int x, int y, const char *text, int length, uint16_t colour);
void draw_text_centred(int y, const char *text, uint16_t colour);
void draw_digits(int x, int y, const char *text, uint16_t colour);
// Every pixel of it.
void draw_picture(int x, int y, const struct picture *picture);
// Without the pixels of colour 0, each pixel as so many by so many.
void draw_icon(int x, int y, const struct picture *picture, int scale);

int draw_character_width(char character);
int draw_text_width(const char *text);
int draw_digits_width(const char *text);

#endif
