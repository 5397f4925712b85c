#include "draw.h"
#include "board.h"
#include "display.h"
#include "text.h"

#define BAND_PIXELS 2048
#define FIRST_CHARACTER 0x20
#define LAST_CHARACTER 0x7E
#define DIGIT_GAP 2

static uint16_t band[BAND_PIXELS] __attribute__((aligned(4)));
static struct area clip;

void draw_area(const struct area *area, void (*paint)(void)) {
  int rows = BAND_PIXELS / area->width;
  int end = area->y + area->height;
  display_window(area->x, area->y, area->width, area->height);
  for (int y = area->y; y < end; y += rows) {
    int height = end - y < rows ? end - y : rows;
    clip = (struct area){area->x, (int16_t)y, area->width, (int16_t)height};
    paint();
    display_pixels(band, (uint32_t)(area->width * height));
  }
}

bool draw_touches(int y, int height) {
  return y < clip.y + clip.height && y + height > clip.y;
}

static int larger(int one, int other) {
  return one > other ? one : other;
}

static int smaller(int one, int other) {
  return one < other ? one : other;
}

static uint16_t *band_row(int y) {
  return band + (y - clip.y) * clip.width - clip.x;
}

// Two pixels at a time, where they lie in one word.
static void fill(uint16_t *pixels, int count, uint16_t colour) {
  uint32_t pair = colour | (uint32_t)colour << 16;
  if ((uint32_t)pixels & 2) {
    *pixels++ = colour;
    count--;
  }
  for (; count >= 8; count -= 8, pixels += 8) {
    uint32_t *words = (uint32_t *)pixels;
    words[0] = words[1] = words[2] = words[3] = pair;
  }
  while (count-- > 0) *pixels++ = colour;
}

void draw_box(int x, int y, int width, int height, uint16_t colour) {
  int left = larger(x, clip.x), right = smaller(x + width, clip.x + clip.width);
  int top = larger(y, clip.y), bottom = smaller(y + height, clip.y + clip.height);
  if (left >= right) return;
  for (int row = top; row < bottom; row++) fill(band_row(row) + left, right - left, colour);
}

void draw_frame(int x, int y, int width, int height, uint16_t colour) {
  draw_box(x, y, width, 1, colour);
  draw_box(x, y + height - 1, width, 1, colour);
  draw_box(x, y, 1, height, colour);
  draw_box(x + width - 1, y, 1, height, colour);
}

static bool is_visible(int x, int y) {
  return x >= clip.x && x < clip.x + clip.width && y >= clip.y && y < clip.y + clip.height;
}

static int glyph_index(char character) {
  bool is_drawn = character >= FIRST_CHARACTER && character <= LAST_CHARACTER;
  return (is_drawn ? character : '?') - FIRST_CHARACTER;
}

int draw_character_width(char character) {
  return font_widths[glyph_index(character)];
}

static void draw_glyph(int x, int y, char character, uint16_t colour) {
  const uint8_t *rows = font_rows + glyph_index(character) * FONT_HEIGHT;
  for (int row = 0; row < FONT_HEIGHT; row++) {
    uint32_t bits = rows[row];
    for (int column = x; bits != 0; column++, bits = bits << 1 & 0xFF) {
      if (bits & 0x80 && is_visible(column, y + row)) band_row(y + row)[column] = colour;
    }
  }
}

int draw_part(int x, int y, const char *text, int length, uint16_t colour) {
  bool is_shown = draw_touches(y, FONT_HEIGHT);
  for (; length > 0; length--, text++) {
    if (is_shown) draw_glyph(x, y, *text, colour);
    x += draw_character_width(*text) + 1;
  }
  return x;
}

int draw_text(int x, int y, const char *text, uint16_t colour) {
  return draw_part(x, y, text, (int)text_length(text), colour);
}

int draw_bold(int x, int y, const char *text, uint16_t colour) {
  for (; *text; text++) {
    draw_part(x, y, text, 1, colour);
    draw_part(x + 1, y, text, 1, colour);
    x += draw_character_width(*text) + 2;
  }
  return x;
}

int draw_text_width(const char *text) {
  int width = 0;
  for (; *text; text++) width += draw_character_width(*text) + 1;
  return width > 0 ? width - 1 : 0;
}

void draw_text_centred(int y, const char *text, uint16_t colour) {
  draw_text((DISPLAY_WIDTH - draw_text_width(text)) / 2, y, text, colour);
}

static int digit_index(char character) {
  return character == ':' ? 10 : character - '0';
}

int draw_digits_width(const char *text) {
  int width = 0;
  for (; *text; text++) width += digit_widths[digit_index(*text)] + DIGIT_GAP;
  return width - DIGIT_GAP;
}

void draw_digits(int x, int y, const char *text, uint16_t colour) {
  if (!draw_touches(y, DIGIT_HEIGHT)) return;
  for (; *text; text++) {
    const uint16_t *rows = digit_rows + digit_index(*text) * DIGIT_HEIGHT;
    for (int row = 0; row < DIGIT_HEIGHT; row++) {
      uint32_t bits = rows[row];
      for (int column = x; bits != 0; column++, bits = bits << 1 & 0xFFFF) {
        if (bits & 0x8000 && is_visible(column, y + row)) band_row(y + row)[column] = colour;
      }
    }
    x += digit_widths[digit_index(*text)] + DIGIT_GAP;
  }
}

static int picture_index(const struct picture *picture, int x, int y) {
  uint8_t pair = picture->pixels[y * ((picture->width + 1) / 2) + x / 2];
  return x % 2 == 0 ? pair >> 4 : pair & 15;
}

void draw_picture(int x, int y, const struct picture *picture) {
  int left = larger(x, clip.x), right = smaller(x + picture->width, clip.x + clip.width);
  int top = larger(y, clip.y), bottom = smaller(y + picture->height, clip.y + clip.height);
  const uint16_t *palette = picture->palette;
  for (int row = top; row < bottom; row++) {
    uint16_t *pixels = band_row(row) + left, *end = band_row(row) + right;
    const uint8_t *pair = picture->pixels + (row - y) * ((picture->width + 1) / 2) + (left - x) / 2;
    // A row that is cut begins with the right half of a pair.
    if ((left - x) % 2 != 0 && pixels < end) *pixels++ = palette[*pair++ & 15];
    for (; end - pixels >= 2; pair++) {
      *pixels++ = palette[*pair >> 4];
      *pixels++ = palette[*pair & 15];
    }
    if (pixels < end) *pixels = palette[*pair >> 4];
  }
}

void draw_icon(int x, int y, const struct picture *picture, int scale) {
  if (!draw_touches(y, picture->height * scale)) return;
  for (int row = 0; row < picture->height; row++) {
    for (int column = 0; column < picture->width; column++) {
      int index = picture_index(picture, column, row);
      if (index == 0) continue;
      draw_box(x + column * scale, y + row * scale, scale, scale, picture->palette[index]);
    }
  }
}
