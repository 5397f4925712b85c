// Lays pages out in lines of the display's width and follows their links.
#ifndef BROWSER_H
#define BROWSER_H

#include <stdbool.h>
#include <stdint.h>

#define BROWSER_NO_LINK -1

enum line_style { LINE_TITLE, LINE_HEADING, LINE_TEXT, LINE_LINK };

struct browser_line {
  const char *start;
  uint8_t length;
  uint8_t style;
  // Number of the page's link that the line belongs to.
  int8_t link;
};

void browser_begin(void);
uint32_t browser_run(uint32_t now);
bool browser_is_alive(void);

int browser_line_count(void);
const struct browser_line *browser_line(int at);
int browser_link_count(void);
// Opens the page behind a link.
void browser_follow(int link);
// Goes back to the page before; false on the first one.
bool browser_back(void);

#endif
