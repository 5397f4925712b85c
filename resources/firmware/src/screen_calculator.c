#include "board.h"
#include "draw.h"
#include "screens.h"
#include "text.h"
#include "theme.h"

#define LIMIT 99999999

// What is shown, what the next operation begins with, and that operation; 0 for none.
static int32_t shown, left;
static char operation;
static bool is_new, is_error;

static void enter(void) {
  shown = left = 0;
  operation = 0;
  is_new = is_error = false;
}

// Within 64 bits, so that a product cannot wrap round before it is found too large.
static int64_t result(void) {
  switch (operation) {
    case '+': return (int64_t)left + shown;
    case '-': return (int64_t)left - shown;
    case 'x': return (int64_t)left * shown;
    case ':': return left / shown;
    default: return shown;
  }
}

static void calculate(void) {
  if (operation == ':' && shown == 0) {
    is_error = true;
    return;
  }
  int64_t value = result();
  is_error = value > LIMIT || value < -LIMIT;
  shown = (int32_t)value;
  operation = 0;
}

static void choose(char wanted) {
  if (operation && !is_new) calculate();
  left = shown;
  operation = wanted;
  is_new = true;
}

static void add_digit(int digit) {
  if (is_new) shown = 0;
  is_new = false;
  if (shown <= LIMIT / 10 && shown >= 0) shown = shown * 10 + digit;
}

static void equals(void) {
  if (operation) calculate();
  is_new = true;
}

static void take_key(int key) {
  if (key == KEY_BACK && (shown != 0 || operation || is_error)) enter();
  else if (key == KEY_BACK) ui_back();
  else if (is_error) return;
  else if (key >= KEY_0 && key <= KEY_9) add_digit(key - KEY_0);
  else if (key == KEY_UP) choose('+');
  else if (key == KEY_DOWN) choose('-');
  else if (key == KEY_LEFT) choose(':');
  else if (key == KEY_RIGHT) choose('x');
  else if (key == KEY_HASH) shown = -shown;
  else if (key == KEY_SELECT) equals();
  ui_dirty_content();
}

static void paint_value(void) {
  char line[16];
  struct text text = TEXT_IN(line);
  text_add_number(&text, shown < 0 ? -shown : shown);
  int x = DISPLAY_WIDTH - 12 - draw_digits_width(line);
  draw_digits(x, CONTENT_TOP + 12, line, THEME_TEXT);
  if (shown < 0) draw_box(x - 10, CONTENT_TOP + 19, 7, 2, THEME_TEXT);
}

static void paint_key(int x, int y, const char *label, bool is_chosen) {
  draw_box(x, y, 22, 18, is_chosen ? THEME_MARK : THEME_LINE);
  draw_text(x + 9, y + 5, label, is_chosen ? THEME_MARK_TEXT : THEME_TEXT);
}

static void paint(void) {
  draw_frame(6, CONTENT_TOP + 6, DISPLAY_WIDTH - 12, 28, THEME_LINE);
  if (is_error) draw_text(14, CONTENT_TOP + 15, "not a number", THEME_WARNING);
  else paint_value();
  // The operations lie as the keys do.
  paint_key(53, CONTENT_TOP + 42, "+", operation == '+');
  paint_key(53, CONTENT_TOP + 86, "-", operation == '-');
  paint_key(27, CONTENT_TOP + 64, ":", operation == ':');
  paint_key(79, CONTENT_TOP + 64, "x", operation == 'x');
  paint_key(53, CONTENT_TOP + 64, "=", false);
}

const struct screen calculator_screen = {
    .title = "Calculator",
    .left = "=",
    .right = "Clear",
    .task = TASK_KERNEL,
    .enter = enter,
    .paint = paint,
    .key = take_key,
};
