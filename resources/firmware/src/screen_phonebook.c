#include "board.h"
#include "draw.h"
#include "list.h"
#include "phonebook.h"
#include "screens.h"
#include "text.h"
#include "theme.h"

#define ROW_HEIGHT 14
#define SEARCH_HEIGHT 15

static void paint_entry(int row, int y, uint16_t colour) {
  draw_text(6, y + 3, phonebook_entry(row)->name, colour);
}

static struct list list = {
    .top = CONTENT_TOP,
    .row_height = ROW_HEIGHT,
    .rows = (CONTENT_HEIGHT - SEARCH_HEIGHT) / ROW_HEIGHT,
    .paint_row = paint_entry,
};

static void refresh(void) {
  list_set_count(&list, phonebook_count());
  ui_dirty_content();
}

static void enter(void) {
  list.marked = 0;
  refresh();
}

static void leave(void) {
  while (phonebook_widen()) continue;
}

static void paint_search(void) {
  static const char *const letters[10] = {"0",   "1",   "abc",  "def", "ghi",
                                          "jkl", "mno", "pqrs", "tuv", "wxyz"};
  int y = SOFT_KEYS_TOP - SEARCH_HEIGHT;
  char line[16];
  struct text text = TEXT_IN(line);
  draw_box(0, y, DISPLAY_WIDTH, 1, THEME_LINE);
  if (phonebook_search_length() == 0) {
    text_add_number(&text, phonebook_count());
    text_add(&text, " names");
    draw_text(6, y + 3, line, THEME_FAINT);
    return;
  }
  int x = draw_text(6, y + 3, "find ", THEME_FAINT);
  for (int i = 0; i < phonebook_search_length(); i++) {
    x = draw_text(x, y + 3, letters[phonebook_search_digit(i) - '0'], THEME_LINK) + 3;
  }
}

static void paint(void) {
  list_paint(&list);
  paint_search();
}

static const struct phonebook_entry *marked(void) {
  return list.count > 0 ? phonebook_entry(list.marked) : 0;
}

static void search(int digit) {
#if VERSION < VERSION_OF(1, 1, 0)
  // One key at a time: another one begins anew.
  while (phonebook_widen()) continue;
#endif
  if (!phonebook_search(digit)) ui_notice("no such name", 0);
  list.marked = 0;
  refresh();
}

static void take_key(int key) {
  if (list_key(&list, key)) return;
  if (key == KEY_SELECT && marked()) contact_screen_show(marked());
  else if (key == KEY_CALL && marked()) call_screen_dial(marked()->number);
  else if (key >= KEY_0 && key <= KEY_9) search(key - KEY_0);
  else if (key == KEY_BACK && phonebook_widen()) refresh();
  else if (key == KEY_BACK) ui_back();
}

const struct screen phonebook_screen = {
    .title = "Phonebook",
    .left = "Show",
    .right = "Back",
    .task = TASK_PHONEBOOK_CACHE,
    .enter = enter,
    .leave = leave,
    .paint = paint,
    .key = take_key,
    .changed = refresh,
};
