#include "status_bar.h"
#include "assets.h"
#include "board.h"
#include "calendar.h"
#include "clock.h"
#include "draw.h"
#include "pins.h"
#include "telephony.h"
#include "text.h"
#include "theme.h"
#include "ui.h"

#define BARS 4
#define CABLE_X 64
#define TIME_RIGHT 108
#define BATTERY_X 112

static void paint_signal(void) {
  int bars = telephony_bars();
  for (int i = 0; i < BARS; i++) {
    int height = 3 + 2 * i;
    draw_box(4 + 4 * i, 12 - height, 3, height, i < bars ? THEME_BAR_TEXT : THEME_FAINT);
  }
}

static void paint_service(void) {
  switch (telephony_service()) {
    case SERVICE_FULL: paint_signal(); break;
    case SERVICE_SEARCHING: draw_text(4, 3, "searching", THEME_FAINT); break;
#if VERSION >= VERSION_OF(1, 1, 0)
    default: draw_text(4, 3, "No service", THEME_MARK); break;
#else
    default: draw_text(4, 3, "no service", THEME_MARK); break;
#endif
  }
}

void status_bar_paint(void) {
  char line[8];
  struct text time = TEXT_IN(line);
  if (!draw_touches(0, STATUS_HEIGHT)) return;
  draw_box(0, 0, DISPLAY_WIDTH, STATUS_HEIGHT, THEME_BAR);
  paint_service();
  if (pins_held(CABLE_PIN)) draw_icon(CABLE_X, 2, &icon_cable, 1);
  calendar_write_time(&time, clock_utc());
  draw_text(TIME_RIGHT - draw_text_width(line), 3, line, THEME_BAR_TEXT);
  draw_icon(BATTERY_X, 2, &icon_battery, 1);
}
