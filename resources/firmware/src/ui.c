#include "ui.h"
#include "board.h"
#include "clock.h"
#include "draw.h"
#include "pins.h"
#include "screens.h"
#include "self_test.h"
#include "status_bar.h"
#include "theme.h"
#include "version.h"

#define MAX_SCREENS 6
#define MAX_DIRTY 6
#define NOTICE_MS 2500
#define NOTICE_TOP 70
#define NOTICE_HEIGHT 34
#define REPEAT_FIRST_MS 450
#define REPEAT_MS 120

static const struct screen *screens[MAX_SCREENS];
static int depth;
static struct area dirty[MAX_DIRTY];
static int dirty_count;
// Null: no notice, or one of a single line.
static const char *notice, *notice_more;
static uint32_t notice_until;
static uint32_t minute;
static bool has_cable, has_radio;
static int repeated_key = PINS_NO_KEY;
static uint32_t repeat_at;

static const struct screen *top(void) {
  return screens[depth - 1];
}

bool ui_shows(const struct screen *screen) {
  return depth > 0 && top() == screen;
}

static bool overlap(const struct area *one, const struct area *other) {
  return one->x < other->x + other->width && other->x < one->x + one->width &&
         one->y < other->y + other->height && other->y < one->y + one->height;
}

static void join(struct area *into, const struct area *more) {
  int right = into->x + into->width, bottom = into->y + into->height;
  if (more->x + more->width > right) right = more->x + more->width;
  if (more->y + more->height > bottom) bottom = more->y + more->height;
  if (more->x < into->x) into->x = more->x;
  if (more->y < into->y) into->y = more->y;
  into->width = (int16_t)(right - into->x);
  into->height = (int16_t)(bottom - into->y);
}

void ui_dirty(int x, int y, int width, int height) {
  struct area area = {(int16_t)x, (int16_t)y, (int16_t)width, (int16_t)height};
  for (int i = 0; i < dirty_count; i++) {
    if (!overlap(&dirty[i], &area) && dirty_count < MAX_DIRTY) continue;
    join(&dirty[i], &area);
    return;
  }
  dirty[dirty_count++] = area;
}

static void dirty_all(void) {
  dirty_count = 0;
  ui_dirty(0, 0, DISPLAY_WIDTH, DISPLAY_HEIGHT);
}

void ui_dirty_content(void) {
  ui_dirty(0, CONTENT_TOP, DISPLAY_WIDTH, CONTENT_HEIGHT);
}

void ui_dirty_title(void) {
  ui_dirty(0, STATUS_HEIGHT, DISPLAY_WIDTH, TITLE_HEIGHT);
}

static void paint_title(const char *title) {
  if (!draw_touches(STATUS_HEIGHT, TITLE_HEIGHT)) return;
  draw_box(0, STATUS_HEIGHT, DISPLAY_WIDTH, TITLE_HEIGHT, THEME_TITLE);
  draw_bold(5, STATUS_HEIGHT + 4, title, THEME_TITLE_TEXT);
}

static void paint_soft_keys(const struct screen *screen) {
  if (!draw_touches(SOFT_KEYS_TOP, SOFT_KEYS_HEIGHT)) return;
  draw_box(0, SOFT_KEYS_TOP, DISPLAY_WIDTH, SOFT_KEYS_HEIGHT, THEME_BAR);
  draw_text(4, SOFT_KEYS_TOP + 3, screen->left, THEME_BAR_TEXT);
  int width = draw_text_width(screen->right);
  draw_text(DISPLAY_WIDTH - 4 - width, SOFT_KEYS_TOP + 3, screen->right, THEME_BAR_TEXT);
}

static void paint_notice(void) {
  if (!notice || !draw_touches(NOTICE_TOP, NOTICE_HEIGHT)) return;
  draw_box(2, NOTICE_TOP, DISPLAY_WIDTH - 4, NOTICE_HEIGHT, THEME_MARK);
  draw_frame(3, NOTICE_TOP + 1, DISPLAY_WIDTH - 6, NOTICE_HEIGHT - 2, THEME_MARK_TEXT);
  draw_text_centred(NOTICE_TOP + (notice_more ? 6 : 13), notice, THEME_MARK_TEXT);
  if (notice_more) draw_text_centred(NOTICE_TOP + 19, notice_more, THEME_MARK_TEXT);
}

static void paint(void) {
  const struct screen *screen = top();
  status_bar_paint();
  if (screen->title) {
    draw_box(0, CONTENT_TOP, DISPLAY_WIDTH, CONTENT_HEIGHT, THEME_PAGE);
    paint_title(screen->title);
  }
  screen->paint();
  paint_soft_keys(screen);
  paint_notice();
}

static void paint_splash(void) {
  draw_box(0, 0, DISPLAY_WIDTH, DISPLAY_HEIGHT, THEME_BAR);
  draw_bold((DISPLAY_WIDTH - 56) / 2, 64, "Kintsugi", THEME_MARK);
  draw_box(36, 78, 56, 1, THEME_MARK);
  draw_text_centred(84, MODEL " " VERSION_TEXT, THEME_BAR_TEXT);
}

void ui_show_splash(void) {
  static const struct area whole = {0, 0, DISPLAY_WIDTH, DISPLAY_HEIGHT};
  draw_area(&whole, paint_splash);
}

void ui_begin(void) {
  depth = 0;
  ui_open(self_test_failed() == 0 ? &home_screen : &failure_screen);
}

void ui_notice(const char *text, const char *more) {
  notice = text;
  notice_more = more;
  notice_until = clock_ms() + NOTICE_MS;
  ui_dirty(0, NOTICE_TOP, DISPLAY_WIDTH, NOTICE_HEIGHT);
}

static void end_notice(void) {
  notice = 0;
  ui_dirty(0, NOTICE_TOP, DISPLAY_WIDTH, NOTICE_HEIGHT);
}

void ui_open(const struct screen *screen) {
  if (!kernel_runs(screen->task)) {
    ui_notice("stopped:", "memory in use");
    return;
  }
  if (depth == MAX_SCREENS) return;
  screens[depth++] = screen;
  if (screen->enter) screen->enter();
  dirty_all();
}

static void close_top(void) {
  const struct screen *screen = screens[--depth];
  // A stopped task's memory is not ours any more, not even to tidy it up.
  if (screen->leave && kernel_runs(screen->task)) screen->leave();
}

void ui_back(void) {
  if (depth == 1) return;
  close_top();
  dirty_all();
}

void ui_home(void) {
  while (depth > 1) ui_back();
}

void ui_tasks_changed(void) {
  bool has_stopped = false;
  for (int i = 0; i < depth; i++) has_stopped |= !kernel_runs(screens[i]->task);
  if (has_stopped) {
    ui_home();
    ui_notice("stopped:", "memory in use");
  }
  if (top()->changed) top()->changed();
}

void ui_status_changed(void) {
  if (depth > 0) ui_dirty(0, 0, DISPLAY_WIDTH, STATUS_HEIGHT);
}

static void tell(const struct screen *screen) {
  if (ui_shows(screen)) screen->changed();
}

void ui_call_changed(void) {
  tell(&call_screen);
}

void ui_list_changed(void) {
  tell(&phonebook_screen);
  tell(&browser_screen);
}

void ui_applet_changed(void) {
  tell(&applet_screen);
}

void ui_cell_changed(int x, int y) {
  if (ui_shows(&applet_screen)) applet_screen_cell_changed(x, y);
}

void ui_score_changed(void) {
  if (ui_shows(&applet_screen)) ui_dirty_title();
}

static void press(int key) {
  if (notice) end_notice();
  if (ui_shows(&failure_screen)) return;
  if (key == KEY_END && !ui_shows(&call_screen)) ui_home();
  else top()->key(key);
}

static uint32_t take_keys(uint32_t now) {
  for (int key = pins_take_key(); key != PINS_NO_KEY; key = pins_take_key()) {
    press(key);
    repeated_key = key <= KEY_RIGHT ? key : PINS_NO_KEY;
    repeat_at = now + REPEAT_FIRST_MS;
  }
  if (repeated_key == PINS_NO_KEY || !pins_held(repeated_key)) {
    repeated_key = PINS_NO_KEY;
    return CLOCK_NEVER;
  }
  if ((int32_t)(now - repeat_at) >= 0) {
    press(repeated_key);
    repeat_at = now + REPEAT_MS;
  }
  return repeat_at - now;
}

static uint32_t follow_clock(void) {
  uint32_t seconds = clock_utc();
  if (seconds / 60 != minute) {
    minute = seconds / 60;
    ui_status_changed();
    if (ui_shows(&home_screen)) home_screen.changed();
  }
  return (60 - seconds % 60) * 1000;
}

static uint32_t follow_notice(uint32_t now) {
  if (!notice) return CLOCK_NEVER;
  if ((int32_t)(notice_until - now) > 0) return notice_until - now;
  end_notice();
  return CLOCK_NEVER;
}

static uint32_t follow_inputs(uint32_t now) {
  if (pins_held(CABLE_PIN) != has_cable) {
    has_cable = !has_cable;
    ui_status_changed();
  }
  if (pins_held(RADIO_PIN) != has_radio) {
    has_radio = !has_radio;
    kernel_poke(TASK_TELEPHONY);
  }
  uint32_t waits[] = {take_keys(now), follow_clock(), follow_notice(now)};
  uint32_t least = CLOCK_NEVER;
  for (int i = 0; i < 3; i++) least = waits[i] < least ? waits[i] : least;
  return least;
}

uint32_t ui_run(uint32_t now) {
  uint32_t wait = follow_inputs(now);
  for (int i = 0; i < dirty_count; i++) draw_area(&dirty[i], paint);
  dirty_count = 0;
  return wait;
}
