#include "list.h"
#include "board.h"
#include "draw.h"
#include "theme.h"
#include "ui.h"

#define BAR_WIDTH 3

static void keep_in_sight(struct list *list) {
  if (list->marked >= list->count) list->marked = list->count > 0 ? list->count - 1 : 0;
  if (list->marked < list->first) list->first = list->marked;
  if (list->marked >= list->first + list->rows) list->first = list->marked - list->rows + 1;
}

static void dirty_row(const struct list *list, int row) {
  ui_dirty(0, list->top + (row - list->first) * list->row_height, DISPLAY_WIDTH, list->row_height);
}

static void dirty_whole(const struct list *list) {
  ui_dirty(0, list->top, DISPLAY_WIDTH, list->rows * list->row_height);
}

void list_set_count(struct list *list, int count) {
  list->count = (int16_t)count;
  keep_in_sight(list);
  dirty_whole(list);
}

// Up from the first row leads to the last one, and back.
static int moved(const struct list *list, int key) {
  int step = key == KEY_UP ? list->count - 1 : 1;
  return (list->marked + step) % list->count;
}

bool list_key(struct list *list, int key) {
  if (key != KEY_UP && key != KEY_DOWN) return false;
  if (list->count == 0) return true;
  int before = list->marked, first = list->first;
  list->marked = (int16_t)moved(list, key);
  keep_in_sight(list);
  if (first != list->first) {
    dirty_whole(list);
  } else {
    dirty_row(list, before);
    dirty_row(list, list->marked);
  }
  return true;
}

static void paint_scroll_bar(const struct list *list) {
  if (list->count <= list->rows) return;
  int height = list->rows * list->row_height;
  int bar = height * list->rows / list->count;
  int y = list->top + (height - bar) * list->first / (list->count - list->rows);
  draw_box(DISPLAY_WIDTH - BAR_WIDTH, list->top, BAR_WIDTH, height, THEME_LINE);
  draw_box(DISPLAY_WIDTH - BAR_WIDTH, y, BAR_WIDTH, bar, THEME_FAINT);
}

void list_paint(const struct list *list) {
  int end = list->first + list->rows < list->count ? list->first + list->rows : list->count;
  for (int row = list->first; row < end; row++) {
    int y = list->top + (row - list->first) * list->row_height;
    bool is_marked = row == list->marked;
    if (!draw_touches(y, list->row_height)) continue;
    if (is_marked) draw_box(0, y, DISPLAY_WIDTH, list->row_height, THEME_MARK);
    list->paint_row(row, y, is_marked ? THEME_MARK_TEXT : THEME_TEXT);
  }
  paint_scroll_bar(list);
}
