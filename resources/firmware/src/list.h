// A column of rows of which one is marked, and which scrolls to keep it in sight.
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stdint.h>

struct list {
  int16_t count, marked, first;
  // On the display.
  int16_t top, row_height, rows;
  void (*paint_row)(int row, int y, uint16_t colour);
};

void list_set_count(struct list *list, int count);
// True where the key was one of the list's.
bool list_key(struct list *list, int key);
void list_paint(const struct list *list);

#endif
