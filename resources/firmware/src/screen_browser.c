#include "board.h"
#include "browser.h"
#include "draw.h"
#include "screens.h"
#include "theme.h"

#define LEFT 5
#define INDENT 10
#define ROWS (CONTENT_HEIGHT / LINE_HEIGHT)

static int first, link;

static void show_page(void) {
  first = 0;
  link = BROWSER_NO_LINK;
  ui_dirty_content();
}

static bool is_in_sight(int line) {
  return line >= first && line < first + ROWS;
}

static void scroll(int by) {
  int last = browser_line_count() - ROWS;
  first += by;
  if (first > last) first = last;
  if (first < 0) first = 0;
}

// The first line of a link; the number of lines where there is no such link.
static int line_of(int wanted) {
  int line = 0;
  while (line < browser_line_count() && browser_line(line)->link != wanted) line++;
  return line;
}

// To the next link where it can be seen, else on by a line.
static void move(int direction) {
  int next = link + direction;
  if (link == BROWSER_NO_LINK && direction < 0) next = BROWSER_NO_LINK;
  if (next >= 0 && next < browser_link_count() && is_in_sight(line_of(next))) {
    link = next;
  } else {
    scroll(direction);
    if (link != BROWSER_NO_LINK && !is_in_sight(line_of(link))) link = next;
    if (!is_in_sight(line_of(link))) link = BROWSER_NO_LINK;
  }
  ui_dirty_content();
}

static void paint_line(int at, int y) {
  const struct browser_line *line = browser_line(at);
  bool is_marked = line->link != BROWSER_NO_LINK && line->link == link;
  if (line->style == LINE_TITLE || line->style == LINE_HEADING) {
    uint16_t colour = line->style == LINE_TITLE ? THEME_TEXT : THEME_LINK;
    int x = LEFT;
    for (int i = 0; i < line->length; i++) {
      draw_part(x, y, line->start + i, 1, colour);
      x = draw_part(x + 1, y, line->start + i, 1, colour);
    }
    if (line->style == LINE_TITLE) draw_box(LEFT, y + 10, x - LEFT, 1, THEME_LINE);
  } else if (line->style == LINE_LINK) {
    if (is_marked) draw_box(0, y - 1, DISPLAY_WIDTH, LINE_HEIGHT, THEME_MARK);
    uint16_t colour = is_marked ? THEME_MARK_TEXT : THEME_LINK;
    if (at == line_of(line->link)) draw_text(LEFT, y, ">", colour);
    draw_part(LEFT + INDENT, y, line->start, line->length, colour);
  } else {
    draw_part(LEFT, y, line->start, line->length, THEME_TEXT);
  }
}

static void paint(void) {
  for (int row = 0; row < ROWS && first + row < browser_line_count(); row++) {
    int y = CONTENT_TOP + 3 + row * LINE_HEIGHT;
    if (draw_touches(y - 1, LINE_HEIGHT)) paint_line(first + row, y);
  }
}

static void follow(void) {
  if (link == BROWSER_NO_LINK) return;
  browser_follow(link);
  show_page();
}

static void go_back(void) {
  if (browser_back()) show_page();
  else ui_back();
}

static void take_key(int key) {
  if (key == KEY_DOWN) move(1);
  else if (key == KEY_UP) move(-1);
  else if (key == KEY_SELECT || key == KEY_RIGHT) follow();
  else if (key == KEY_BACK || key == KEY_LEFT) go_back();
}

const struct screen browser_screen = {
    .title = "Browser",
    .left = "Open",
    .right = "Back",
    .task = TASK_BROWSER,
    .enter = show_page,
    .paint = paint,
    .key = take_key,
    .changed = ui_dirty_content,
};
