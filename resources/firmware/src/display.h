// The display at SPI0, 128 by 160 pixels of RGB565.
#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdint.h>

void display_start(void);
// Chooses where the next pixels go, row by row.
void display_window(int x, int y, int width, int height);
void display_pixels(const uint16_t *pixels, uint32_t count);

#endif
