#ifndef SCREENS_H
#define SCREENS_H

#include "ui.h"
#include "version.h"

extern const struct screen home_screen, menu_screen, phonebook_screen, contact_screen, dial_screen,
    call_screen, browser_screen, applet_screen, calculator_screen, about_screen, tasks_screen,
    failure_screen;
#if VERSION >= VERSION_OF(2, 0, 0)
extern const struct screen calendar_screen, settings_screen;
#endif

struct applet;
struct phonebook_entry;
void call_screen_dial(const char *number);
void dial_screen_begin_with(char digit);
void contact_screen_show(const struct phonebook_entry *entry);
void applet_screen_run(const struct applet *applet);
void applet_screen_cell_changed(int x, int y);

#endif
