#include "board.h"
#include "draw.h"
#include "screens.h"
#include "telephony.h"
#include "theme.h"

static char number[NUMBER_CHARACTERS + 1];
static uint16_t length;

static void add(char character) {
  if (length == NUMBER_CHARACTERS) return;
  number[length++] = character;
  number[length] = 0;
}

void dial_screen_begin_with(char digit) {
  length = 0;
  add(digit);
  ui_open(&dial_screen);
}

static void paint(void) {
  draw_box(6, CONTENT_TOP + 8, DISPLAY_WIDTH - 12, 20, THEME_LINE);
  draw_bold(10, CONTENT_TOP + 14, length > 0 ? number : "number?",
            length > 0 ? THEME_TEXT : THEME_FAINT);
  draw_text_centred(CONTENT_TOP + 44, "0 to 9, * and #", THEME_FAINT);
}

static void take_back(void) {
  if (length == 0) ui_back();
  else number[--length] = 0;
}

static void take_key(int key) {
  if ((key == KEY_CALL || key == KEY_SELECT) && length > 0) call_screen_dial(number);
  else if (key == KEY_BACK || key == KEY_LEFT) take_back();
  else if (key >= KEY_0) add("0123456789*#"[key - KEY_0]);
  ui_dirty_content();
}

const struct screen dial_screen = {
    .title = "Telephone",
    .left = "Call",
    .right = "Delete",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
};
