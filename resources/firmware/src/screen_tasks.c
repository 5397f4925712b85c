#include "board.h"
#include "draw.h"
#include "screens.h"
#include "text.h"
#include "theme.h"

#define ROW_HEIGHT 22
#define FULL_BYTES 0x14000

static void paint_task(int id) {
  char line[24];
  struct text text = TEXT_IN(line);
  int y = CONTENT_TOP + 3 + id * ROW_HEIGHT;
  if (!draw_touches(y, ROW_HEIGHT)) return;
  int bar = (int)(kernel_task_bytes(id) * (DISPLAY_WIDTH - 10) / FULL_BYTES);
  draw_text(5, y, tasks[id].name, THEME_TEXT);
  text_add_number(&text, (int32_t)(kernel_task_bytes(id) / 1024));
  text_add(&text, " KiB");
  draw_text(DISPLAY_WIDTH - 5 - draw_text_width(line), y, line, THEME_FAINT);
  draw_box(5, y + 12, bar, 4, kernel_runs(id) ? THEME_GOOD : THEME_WARNING);
}

static void paint(void) {
  for (int id = 0; id < TASK_COUNT; id++) paint_task(id);
}

static void take_key(int key) {
  if (key == KEY_BACK || key == KEY_LEFT) ui_back();
}

const struct screen tasks_screen = {
    .title = "Tasks",
    .left = "",
    .right = "Back",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
    .changed = ui_dirty_content,
};
