#include "board.h"
#include "draw.h"
#include "screens.h"
#include "self_test.h"
#include "text.h"
#include "theme.h"

static void paint(void) {
  char line[40];
  struct text text = TEXT_IN(line);
  draw_box(0, CONTENT_TOP, DISPLAY_WIDTH, 4, THEME_WARNING);
  text_add(&text, "Test ");
  text_add_number(&text, self_test_failed());
  text_add(&text, ": ");
  text_add(&text, self_test_failed_name());
  draw_bold(6, CONTENT_TOP + 14, line, THEME_WARNING);
  draw_text(6, CONTENT_TOP + 36, "This software is not fit", THEME_TEXT);
  draw_text(6, CONTENT_TOP + 50, "to run. Connect the", THEME_TEXT);
  draw_text(6, CONTENT_TOP + 64, "cable to restore it.", THEME_TEXT);
}

static void ignore_key(int key) {
  (void)key;
}

const struct screen failure_screen = {
    .title = "Self-test failed",
    .left = "",
    .right = "",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = ignore_key,
};
