#include "applet_runtime.h"
#include "board.h"
#include "draw.h"
#include "screens.h"
#include "text.h"
#include "theme.h"

#define CELL 8
#define BOARD_TOP (CONTENT_TOP + 2)

static const uint16_t colours[6] = {
    COLOUR(0x12202A), COLOUR(0x3FA15C), COLOUR(0xD8433B),
    COLOUR(0x8FD08A), COLOUR(0x8F98A8), COLOUR(0xF2C14E),
};

static const struct applet *running;

void applet_screen_run(const struct applet *applet) {
  running = applet;
  ui_open(&applet_screen);
}

static void enter(void) {
  applet_start(running);
}

void applet_screen_cell_changed(int x, int y) {
  ui_dirty(x * CELL, BOARD_TOP + y * CELL, CELL, CELL);
}

static void paint_cell(int x, int y) {
  int colour = applet_cell(x, y);
  int left = x * CELL, upper = BOARD_TOP + y * CELL;
  draw_box(left, upper, CELL, CELL, colours[0]);
  if (colour == 0) draw_box(left + 3, upper + 3, 1, 1, COLOUR(0x22343F));
  else draw_box(left + 1, upper + 1, CELL - 2, CELL - 2, colours[colour]);
}

static void paint_message(void) {
  const char *message = applet_message();
  if (message[0] == 0) return;
  // One sentence a line.
  int y = BOARD_TOP + 40, end = 0;
  draw_box(8, y - 6, DISPLAY_WIDTH - 16, 38, THEME_PAGE);
  draw_frame(8, y - 6, DISPLAY_WIDTH - 16, 38, THEME_MARK);
  while (message[end] && message[end] != '.') end++;
  draw_part(16, y, message, end, THEME_TEXT);
  if (message[end] && message[end + 1]) draw_text(16, y + 14, message + end + 2, THEME_FAINT);
}

static void paint_title(void) {
  char line[16];
  struct text text = TEXT_IN(line);
  text_add_number(&text, applet_score());
  draw_bold(5, STATUS_HEIGHT + 4, running->name, THEME_TITLE_TEXT);
  draw_text(DISPLAY_WIDTH - 6 - draw_text_width(line), STATUS_HEIGHT + 4, line, THEME_TITLE_TEXT);
}

static void paint(void) {
  if (draw_touches(STATUS_HEIGHT, TITLE_HEIGHT)) paint_title();
  for (int y = 0; y < BOARD_HEIGHT; y++) {
    if (!draw_touches(BOARD_TOP + y * CELL, CELL)) continue;
    for (int x = 0; x < BOARD_WIDTH; x++) paint_cell(x, y);
  }
  paint_message();
}

static void take_key(int key) {
  // The keypad steers as well: 2, 8, 4, 6 around 5.
  static const int8_t keypad[10] = {-1, -1, KEY_UP,     -1, KEY_LEFT, KEY_SELECT,
                                    KEY_RIGHT, -1, KEY_DOWN, -1};
  if (key == KEY_BACK) ui_back();
  else if (key <= KEY_SELECT) applet_press(key);
  else if (key >= KEY_0 && key <= KEY_9) applet_press(keypad[key - KEY_0]);
}

const struct screen applet_screen = {
    .title = "",
    .left = "",
    .right = "Back",
    .task = TASK_APPLET_RUNTIME,
    .enter = enter,
    .leave = applet_stop,
    .paint = paint,
    .key = take_key,
    .changed = ui_dirty_content,
};
