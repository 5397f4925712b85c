#include "version.h"
#if VERSION >= VERSION_OF(2, 0, 0)
#include "board.h"
#include "draw.h"
#include "list.h"
#include "screens.h"
#include "settings.h"
#include "theme.h"

enum { ROW_ACCENT, ROW_HOURS, ROW_WEEK, ROW_COUNT };

static const char *value_of(int row) {
  if (row == ROW_ACCENT) return settings_accent_name();
  if (row == ROW_HOURS) return settings_has_24_hours() ? "24 hours" : "12 hours";
  return settings_week_begins_on_monday() ? "Monday" : "Sunday";
}

static void paint_row(int row, int y, uint16_t colour) {
  static const char *const labels[ROW_COUNT] = {"Colour", "Clock", "Week from"};
  const char *value = value_of(row);
  draw_text(6, y + 6, labels[row], colour);
  draw_text(DISPLAY_WIDTH - 8 - draw_text_width(value), y + 6, value, colour);
}

static struct list list = {
    .count = ROW_COUNT,
    .top = CONTENT_TOP,
    .row_height = 20,
    .rows = ROW_COUNT,
    .paint_row = paint_row,
};

static void paint(void) {
  list_paint(&list);
}

static void change(void) {
  if (list.marked == ROW_ACCENT) settings_next_accent();
  else if (list.marked == ROW_HOURS) settings_change_hours();
  else settings_change_week();
  ui_dirty_title();
  ui_dirty_content();
}

static void take_key(int key) {
  if (list_key(&list, key)) return;
  if (key == KEY_SELECT || key == KEY_RIGHT) change();
  else if (key == KEY_BACK || key == KEY_LEFT) ui_back();
}

const struct screen settings_screen = {
    .title = "Settings",
    .left = "Change",
    .right = "Back",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
};
#endif
