// What a person has chosen, until the next start.
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include "text.h"

#define ACCENT_COUNT 4

uint16_t settings_accent(void);
const char *settings_accent_name(void);
void settings_next_accent(void);
bool settings_has_24_hours(void);
void settings_change_hours(void);
bool settings_week_begins_on_monday(void);
void settings_change_week(void);
void settings_write_time(struct text *text, uint32_t seconds);

#endif
