// Interprets the byte code of applets, which stays in the flash. Numbers, stacks and the board of
// cells that an applet draws on lie in the task's block.
#ifndef APPLET_RUNTIME_H
#define APPLET_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>
#include "assets.h"

#define BOARD_WIDTH 16
#define BOARD_HEIGHT 14
#define APPLET_NO_KEY -1

void applet_runtime_begin(void);
uint32_t applet_runtime_run(uint32_t now);
bool applet_runtime_is_alive(void);

void applet_start(const struct applet *applet);
void applet_stop(void);
void applet_press(int key);
// Colour of a cell, 0 to 5.
int applet_cell(int x, int y);
int applet_score(void);
// What the applet wants to say; empty for nothing.
const char *applet_message(void);

#endif
