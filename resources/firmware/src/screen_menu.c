#include "assets.h"
#include "board.h"
#include "draw.h"
#include "list.h"
#include "screens.h"
#include "theme.h"

struct entry {
  const char *label;
  const struct picture *icon;
  const struct screen *screen;
  // Null but for what the applet runtime runs.
  const struct applet *applet;
};

static const struct entry entries[] = {
    {"Phonebook", &icon_phonebook, &phonebook_screen, 0},
    {"Browser", &icon_browser, &browser_screen, 0},
#if VERSION >= VERSION_OF(2, 0, 0)
    {"Calendar", &icon_calendar, &calendar_screen, 0},
#endif
    {"Snake", &icon_snake, &applet_screen, &applet_snake},
#if VERSION >= VERSION_OF(2, 0, 0)
    {"Life", &icon_life, &applet_screen, &applet_life},
#endif
    {"Calculator", &icon_calculator, &calculator_screen, 0},
    {"Tasks", &icon_tasks, &tasks_screen, 0},
#if VERSION >= VERSION_OF(2, 0, 0)
    {"Settings", &icon_settings, &settings_screen, 0},
#endif
    {"About", &icon_about, &about_screen, 0},
};
#define ENTRY_COUNT ((int)(sizeof entries / sizeof entries[0]))

static void open_entry(int at) {
  const struct entry *entry = &entries[at];
  if (entry->applet) applet_screen_run(entry->applet);
  else ui_open(entry->screen);
}

#if VERSION >= VERSION_OF(2, 0, 0)

// Nine fields, three in a row, as the keypad has them.
#define COLUMNS 3
#define FIELD_WIDTH 42
#define FIELD_HEIGHT 34
#define GRID_TOP (CONTENT_TOP + 1)
#define LABEL_TOP (GRID_TOP + 3 * FIELD_HEIGHT)

static int marked;

static void dirty_field(int at) {
  ui_dirty(1 + at % COLUMNS * FIELD_WIDTH, GRID_TOP + at / COLUMNS * FIELD_HEIGHT, FIELD_WIDTH,
           FIELD_HEIGHT);
}

static void paint(void) {
  for (int at = 0; at < ENTRY_COUNT; at++) {
    int x = 1 + at % COLUMNS * FIELD_WIDTH, y = GRID_TOP + at / COLUMNS * FIELD_HEIGHT;
    if (at == marked) {
      draw_box(x, y, FIELD_WIDTH, FIELD_HEIGHT, THEME_LINE);
      draw_frame(x, y, FIELD_WIDTH, FIELD_HEIGHT, THEME_MARK);
    }
    draw_icon(x + 5, y + 1, entries[at].icon, 2);
  }
  draw_text_centred(LABEL_TOP + 2, entries[marked].label, THEME_TITLE_TEXT);
}

static void mark(int at) {
  dirty_field(marked);
  marked = (at + ENTRY_COUNT) % ENTRY_COUNT;
  dirty_field(marked);
  ui_dirty(0, LABEL_TOP, DISPLAY_WIDTH, LINE_HEIGHT);
}

static void take_key(int key) {
  if (key == KEY_SELECT) open_entry(marked);
  else if (key == KEY_BACK) ui_back();
  else if (key == KEY_UP) mark(marked - COLUMNS);
  else if (key == KEY_DOWN) mark(marked + COLUMNS);
  else if (key == KEY_LEFT) mark(marked - 1);
  else if (key == KEY_RIGHT) mark(marked + 1);
  else if (key >= KEY_1 && key <= KEY_9) open_entry(key - KEY_1);
}

#else

static void paint_entry(int row, int y, uint16_t colour) {
  draw_icon(5, y + 1, entries[row].icon, 1);
  draw_text(28, y + 5, entries[row].label, colour);
}

static struct list list = {
    .count = ENTRY_COUNT,
    .top = CONTENT_TOP,
    .row_height = 19,
    .rows = ENTRY_COUNT,
    .paint_row = paint_entry,
};

static void paint(void) {
  list_paint(&list);
}

static void take_key(int key) {
  if (list_key(&list, key)) return;
  if (key == KEY_SELECT || key == KEY_RIGHT) open_entry(list.marked);
  else if (key == KEY_BACK || key == KEY_LEFT) ui_back();
#if VERSION >= VERSION_OF(1, 1, 0)
  else if (key >= KEY_1 && key < KEY_1 + ENTRY_COUNT) open_entry(key - KEY_1);
#endif
}

#endif

const struct screen menu_screen = {
    .title = "Menu",
    .left = "Open",
    .right = "Back",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
};
