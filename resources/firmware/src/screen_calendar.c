#include "version.h"
#if VERSION >= VERSION_OF(2, 0, 0)
#include "board.h"
#include "calendar.h"
#include "clock.h"
#include "draw.h"
#include "screens.h"
#include "settings.h"
#include "text.h"
#include "theme.h"

#define COLUMN_WIDTH 18
#define ROW_HEIGHT 14
#define NAMES_TOP (CONTENT_TOP + 18)
#define DAYS_TOP (NAMES_TOP + ROW_HEIGHT)
#define FIRST_YEAR 1970
#define LAST_YEAR 2105

static struct date today;
static int year, month;

static void enter(void) {
  today = calendar_date(clock_utc());
  year = today.year;
  month = today.month;
}

// Weekday of the month's first day, counted on from the start of today's month.
static int first_weekday(void) {
  int days = today.weekday - (today.day - 1) + 35;
  int at_year = today.year, at_month = today.month;
  while (at_year * 12 + at_month < year * 12 + month) {
    days += calendar_days_in(at_year, at_month);
    if (++at_month > 12) at_month = 1, at_year++;
  }
  while (at_year * 12 + at_month > year * 12 + month) {
    if (--at_month < 1) at_month = 12, at_year--;
    days += 35 - calendar_days_in(at_year, at_month);
  }
  return days % 7;
}

static void turn(int months) {
  int at = year * 12 + month - 1 + months;
  if (at < FIRST_YEAR * 12 || at > LAST_YEAR * 12 + 11) return;
  year = at / 12;
  month = at % 12 + 1;
  ui_dirty_content();
}

static void paint_head(void) {
  char line[24];
  struct text text = TEXT_IN(line);
  text_add(&text, calendar_month_name(month));
  text_add_char(&text, ' ');
  text_add_number(&text, year);
  draw_text_centred(CONTENT_TOP + 4, line, THEME_TITLE_TEXT);
  draw_text(5, CONTENT_TOP + 4, "<", THEME_FAINT);
  draw_text(DISPLAY_WIDTH - 9, CONTENT_TOP + 4, ">", THEME_FAINT);
}

static void paint_day(int day, int column, int row) {
  char line[4];
  struct text text = TEXT_IN(line);
  int x = 1 + column * COLUMN_WIDTH, y = DAYS_TOP + row * ROW_HEIGHT;
  bool is_today = day == today.day && month == today.month && year == today.year;
  int weekday = (column + (settings_week_begins_on_monday() ? 1 : 0)) % 7;
  uint16_t colour = weekday == 0 ? THEME_WARNING : weekday == 6 ? THEME_LINK : THEME_TEXT;
  if (is_today) draw_box(x, y - 1, COLUMN_WIDTH, ROW_HEIGHT - 1, THEME_MARK);
  text_add_number(&text, day);
  draw_text(x + COLUMN_WIDTH - 3 - draw_text_width(line), y + 1, line,
            is_today ? THEME_MARK_TEXT : colour);
}

static void paint(void) {
  int shift = settings_week_begins_on_monday() ? 1 : 0;
  int column = (first_weekday() - shift + 7) % 7, row = 0;
  paint_head();
  for (int i = 0; i < 7; i++) {
    draw_part(1 + i * COLUMN_WIDTH + 4, NAMES_TOP, calendar_weekday_name((i + shift) % 7), 2,
              THEME_FAINT);
  }
  for (int day = 1; day <= calendar_days_in(year, month); day++) {
    paint_day(day, column, row);
    if (++column == 7) column = 0, row++;
  }
}

static void take_key(int key) {
  if (key == KEY_LEFT) turn(-1);
  else if (key == KEY_RIGHT) turn(1);
  else if (key == KEY_UP) turn(-12);
  else if (key == KEY_DOWN) turn(12);
  else if (key == KEY_BACK) ui_back();
  else if (key == KEY_SELECT) {
    enter();
    ui_dirty_content();
  }
}

const struct screen calendar_screen = {
    .title = "Calendar",
    .left = "Today",
    .right = "Back",
    .task = TASK_KERNEL,
    .enter = enter,
    .paint = paint,
    .key = take_key,
};
#endif
