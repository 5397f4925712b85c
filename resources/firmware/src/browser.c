#include "browser.h"
#include "assets.h"
#include "clock.h"
#include "draw.h"
#include "kernel.h"
#include "text.h"
#include "ui.h"

#define MAGIC 0x42525731u
#define MAX_LINES 256
#define MAX_LINKS 32
#define MAX_HISTORY 16
#define NAME_CHARACTERS 24
#define TEXT_WIDTH 118
#define LINK_INDENT 10
#define FIRST_PAGE "home"
// So many lines are laid out before other tasks have their turn.
#define SLICE_LINES 12

struct browser {
  uint32_t magic;
  const struct page *page;
  // The part of the page that is not laid out yet.
  const char *rest;
  uint16_t line_count;
  uint8_t link_count, history_length;
  struct browser_line lines[MAX_LINES];
  char links[MAX_LINKS][NAME_CHARACTERS];
  const struct page *history[MAX_HISTORY];
};

extern struct browser browser_start;
#define browser (&browser_start)

static const struct page *page_named(const char *name) {
  for (int i = 0; i < PAGE_COUNT; i++) {
    if (text_equal(pages[i].name, name)) return &pages[i];
  }
  return 0;
}

static void open(const struct page *page) {
  browser->page = page;
  browser->rest = page->text;
  browser->line_count = 0;
  browser->link_count = 0;
  kernel_poke(TASK_BROWSER);
}

void browser_begin(void) {
  browser->magic = MAGIC;
  open(page_named(FIRST_PAGE));
}

bool browser_is_alive(void) {
  return browser->magic == MAGIC && browser->line_count <= MAX_LINES &&
         browser->link_count <= MAX_LINKS && browser->history_length <= MAX_HISTORY;
}

// Characters of the text up to `end` that fit into the width, cut between words where possible.
static int fitting(const char *text, const char *end, int width) {
  int used = 0, last_gap = 0, at = 0;
  for (; text + at < end; at++) {
    if (text[at] == ' ') last_gap = at;
    used += draw_character_width(text[at]) + 1;
    if (used > width + 1) return last_gap > 0 ? last_gap : at;
  }
  return at;
}

static void add_line(const char *start, int length, enum line_style style) {
  if (browser->line_count == MAX_LINES) return;
  browser->lines[browser->line_count++] = (struct browser_line){
      .start = start,
      .length = (uint8_t)length,
      .style = style,
      .link = style == LINE_LINK ? (int8_t)(browser->link_count - 1) : BROWSER_NO_LINK,
  };
}

static void wrap(const char *text, const char *end, enum line_style style) {
  int width = style == LINE_LINK ? TEXT_WIDTH - LINK_INDENT : TEXT_WIDTH;
  // Bold letters are one pixel wider.
  if (style == LINE_TITLE || style == LINE_HEADING) width -= 16;
  while (text < end) {
    int length = fitting(text, end, width);
    add_line(text, length, style);
    text += length;
    while (text < end && *text == ' ') text++;
  }
}

// `=> name label`
static void add_link(const char *text, const char *end) {
  if (browser->link_count == MAX_LINKS) return;
  char *name = browser->links[browser->link_count++];
  struct text target = text_in(name, NAME_CHARACTERS);
  for (; text < end && *text != ' '; text++) text_add_char(&target, *text);
  wrap(text < end ? text + 1 : name, text < end ? end : name + target.length, LINE_LINK);
}

static void add_paragraph(const char *text, const char *end) {
  if (text[0] == '#' && text[1] == '#') wrap(text + 3, end, LINE_HEADING);
  else if (text[0] == '#') wrap(text + 2, end, LINE_TITLE);
  else if (text[0] == '=' && text[1] == '>') add_link(text + 3, end);
  else wrap(text, end, LINE_TEXT);
}

uint32_t browser_run(uint32_t now) {
  (void)now;
  int wanted = browser->line_count + SLICE_LINES;
  if (*browser->rest == 0) return CLOCK_NEVER;
  while (*browser->rest != 0 && browser->line_count < wanted) {
    const char *end = browser->rest;
    while (*end != 0 && *end != '\n') end++;
    add_paragraph(browser->rest, end);
    browser->rest = *end == 0 ? end : end + 1;
  }
  ui_list_changed();
  return 1;
}

int browser_line_count(void) {
  return browser->line_count;
}

const struct browser_line *browser_line(int at) {
  return &browser->lines[at];
}

int browser_link_count(void) {
  return browser->link_count;
}

void browser_follow(int link) {
  const struct page *page = page_named(browser->links[link]);
  if (!page) return;
  if (browser->history_length == MAX_HISTORY) {
    for (int i = 1; i < MAX_HISTORY; i++) browser->history[i - 1] = browser->history[i];
    browser->history_length--;
  }
  browser->history[browser->history_length++] = browser->page;
  open(page);
}

bool browser_back(void) {
  if (browser->history_length == 0) return false;
  open(browser->history[--browser->history_length]);
  return true;
}
