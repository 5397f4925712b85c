#include "board.h"
#include "draw.h"
#include "screens.h"
#include "telephony.h"
#include "text.h"
#include "theme.h"

void call_screen_dial(const char *number) {
  ui_open(&call_screen);
  telephony_dial(number);
}

static const char *state_text(void) {
  switch (telephony_call()) {
    case CALL_DIALLING: return "calling ...";
    case CALL_CONNECTED: return "connected";
    case CALL_ENDED: return "call ended";
    case CALL_LOST: return "call lost";
    case CALL_NO_SERVICE: return "no service here";
    default: return "";
  }
}

static void paint_duration(void) {
  char line[12];
  struct text text = TEXT_IN(line);
  uint32_t seconds = telephony_seconds();
  text_add_padded(&text, seconds / 60);
  text_add_char(&text, ':');
  text_add_padded(&text, seconds % 60);
  draw_digits((DISPLAY_WIDTH - draw_digits_width(line)) / 2, CONTENT_TOP + 66, line, THEME_TEXT);
}

static void paint(void) {
  enum call call = telephony_call();
  draw_box(6, CONTENT_TOP + 8, DISPLAY_WIDTH - 12, 20, THEME_LINE);
  draw_bold(10, CONTENT_TOP + 14, telephony_number(), THEME_TEXT);
  draw_text_centred(CONTENT_TOP + 44, state_text(), THEME_LINK);
  if (call == CALL_CONNECTED || call == CALL_ENDED || call == CALL_LOST) paint_duration();
}

static bool is_busy(void) {
  return telephony_call() == CALL_DIALLING || telephony_call() == CALL_CONNECTED;
}

static void take_key(int key) {
  bool ends = key == KEY_END || key == KEY_BACK;
  if (is_busy() && ends) telephony_hang_up();
  else if (key == KEY_END) ui_home();
  else if (!is_busy() && (key == KEY_BACK || key == KEY_SELECT)) ui_back();
}

const struct screen call_screen = {
    .title = "Call",
    .left = "",
    .right = "End",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
    .changed = ui_dirty_content,
};
