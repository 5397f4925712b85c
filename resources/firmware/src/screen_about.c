#include "board.h"
#include "clock.h"
#include "draw.h"
#include "identity.h"
#include "image.h"
#include "screens.h"
#include "self_test.h"
#include "smp.h"
#include "text.h"
#include "theme.h"

#define LABEL_X 5
#define VALUE_X 56
// A terminal ID is long and its label short.
#define ID_X 22

static void paint_at(int row, const char *label, int value_x, const char *value) {
  int y = CONTENT_TOP + 5 + row * (LINE_HEIGHT + 2);
  draw_text(LABEL_X, y, label, THEME_FAINT);
  draw_text(value_x, y, value, THEME_TEXT);
}

static void paint_row(int row, const char *label, const char *value) {
  paint_at(row, label, VALUE_X, value);
}

static void write_uptime(struct text *text) {
  uint32_t minutes = clock_ms() / 60000;
  text_add_number(text, (int32_t)(minutes / 60));
  text_add(text, " h ");
  text_add_number(text, (int32_t)(minutes % 60));
  text_add(text, " min");
}

static const char *cause(void) {
  if (HANDOVER->magic != HANDOVER_MAGIC) return "unknown";
  if (HANDOVER->cause == BOOT_CAUSE_POWER) return "power";
  return HANDOVER->cause == BOOT_CAUSE_WATCHDOG ? "watchdog" : "reset";
}

static void paint(void) {
  char line[40];
  struct text text = TEXT_IN(line);
  paint_row(0, "Model", MODEL);
  paint_row(1, "Software", VERSION_TEXT);
  identity_write_terminal(&text);
  paint_at(2, "ID", ID_X, line);
  text = TEXT_IN(line);
  text_add_number(&text, (int32_t)(image_bytes() / 1024));
  text_add(&text, " KiB");
  paint_row(3, "Image", line);
  paint_row(4, "Start", cause());
  text = TEXT_IN(line);
  write_uptime(&text);
  paint_row(5, "Uptime", line);
  text = TEXT_IN(line);
  text_add_number(&text, (int32_t)smp_answered());
  text_add(&text, " answers");
  paint_row(6, "Cable", line);
}

static void take_key(int key) {
  if (key == KEY_SELECT) ui_dirty_content();
  else if (key == KEY_BACK || key == KEY_LEFT) ui_back();
}

const struct screen about_screen = {
    .title = "About",
    .left = "Refresh",
    .right = "Back",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
};
