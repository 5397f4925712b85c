#include "version.h"
#if VERSION >= VERSION_OF(2, 0, 0)
#include "calendar.h"
#include "draw.h"
#include "settings.h"

static const struct {
  const char *name;
  uint16_t colour;
} accents[ACCENT_COUNT] = {
    {"gold", COLOUR(0xE0A93C)},
    {"celadon", COLOUR(0x84B5AE)},
    {"plum", COLOUR(0xC58BD6)},
    {"persimmon", COLOUR(0xEC7A48)},
};

static int accent;
static bool has_12_hours, begins_on_monday;

uint16_t settings_accent(void) {
  return accents[accent].colour;
}

const char *settings_accent_name(void) {
  return accents[accent].name;
}

void settings_next_accent(void) {
  accent = (accent + 1) % ACCENT_COUNT;
}

bool settings_has_24_hours(void) {
  return !has_12_hours;
}

void settings_change_hours(void) {
  has_12_hours = !has_12_hours;
}

bool settings_week_begins_on_monday(void) {
  return begins_on_monday;
}

void settings_change_week(void) {
  begins_on_monday = !begins_on_monday;
}

void settings_write_time(struct text *text, uint32_t seconds) {
  if (!has_12_hours) {
    calendar_write_time(text, seconds);
    return;
  }
  uint32_t minutes = seconds / 60 % 1440, hour = minutes / 60 % 12;
  text_add_number(text, hour == 0 ? 12 : (int32_t)hour);
  text_add_char(text, ':');
  text_add_padded(text, minutes % 60);
}
#endif
