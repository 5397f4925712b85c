#include "assets.h"
#include "board.h"
#include "draw.h"
#include "screens.h"
#include "theme.h"

static const struct phonebook_entry *shown;

void contact_screen_show(const struct phonebook_entry *entry) {
  shown = entry;
  ui_open(&contact_screen);
}

static void paint(void) {
  draw_icon(8, CONTENT_TOP + 10, &icon_phonebook, 2);
  draw_bold(8, CONTENT_TOP + 52, shown->name, THEME_TEXT);
  draw_text(8, CONTENT_TOP + 70, shown->number, THEME_LINK);
  draw_text(8, CONTENT_TOP + 94, "The call key dials.", THEME_FAINT);
}

static void take_key(int key) {
  if (key == KEY_SELECT || key == KEY_CALL) call_screen_dial(shown->number);
  else if (key == KEY_BACK || key == KEY_LEFT) ui_back();
}

const struct screen contact_screen = {
    .title = "Contact",
    .left = "Call",
    .right = "Back",
    .task = TASK_KERNEL,
    .paint = paint,
    .key = take_key,
};
