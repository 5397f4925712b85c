#include "assets.h"
#include "board.h"
#include "calendar.h"
#include "clock.h"
#include "draw.h"
#include "screens.h"
#include "text.h"
#include "theme.h"

#if VERSION >= VERSION_OF(2, 0, 0)
// Above the bowl and below it.
#define TIME_Y 24
#define DATE_Y 45
#define VERSION_Y 134
#define PAPER COLOUR(0xF0E7D0)
#define SHADE COLOUR(0x0A0910)
#else
// In the sky and on the hills.
#define TIME_Y 22
#define DATE_Y 42
#define VERSION_Y 88
#define PAPER COLOUR(0xFFFFFF)
#define SHADE COLOUR(0x24486F)
#endif

static void paint_time(void) {
  char line[8];
  struct text text = TEXT_IN(line);
#if VERSION >= VERSION_OF(2, 0, 0)
  settings_write_time(&text, clock_utc());
#else
  calendar_write_time(&text, clock_utc());
#endif
  int x = (DISPLAY_WIDTH - draw_digits_width(line)) / 2;
  draw_digits(x + 1, TIME_Y + 1, line, SHADE);
  draw_digits(x, TIME_Y, line, PAPER);
}

static void paint_date(void) {
  char line[32];
  struct text text = TEXT_IN(line);
  struct date date = calendar_date(clock_utc());
  calendar_write_date(&text, &date);
  int x = (DISPLAY_WIDTH - draw_text_width(line)) / 2;
  draw_text(x + 1, DATE_Y + 1, line, SHADE);
  draw_text(x, DATE_Y, line, PAPER);
}

static void paint_version(void) {
  static const char name[] = "Kintsugi " VERSION_TEXT;
  int x = (DISPLAY_WIDTH - draw_text_width(name)) / 2;
  draw_text(x + 1, VERSION_Y + 1, name, SHADE);
  draw_text(x, VERSION_Y, name, PAPER);
}

static void paint(void) {
  draw_picture(0, STATUS_HEIGHT, &wallpaper);
  paint_time();
  paint_date();
  paint_version();
}

static void take_key(int key) {
  if (key == KEY_SELECT) ui_open(&menu_screen);
  else if (key == KEY_BACK) ui_open(&phonebook_screen);
  else if (key == KEY_CALL) ui_open(&dial_screen);
  else if (key >= KEY_0) dial_screen_begin_with("0123456789*#"[key - KEY_0]);
}

static void dirty_time(void) {
  ui_dirty(0, TIME_Y, DISPLAY_WIDTH, DATE_Y + LINE_HEIGHT - TIME_Y);
}

const struct screen home_screen = {
    .left = "Menu",
    .right = "Names",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
    .changed = dirty_time,
};
