// The screens as a stack, and what of the display must be painted again.
#ifndef UI_H
#define UI_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel.h"

#define STATUS_HEIGHT 14
#define TITLE_HEIGHT 16
#define CONTENT_TOP (STATUS_HEIGHT + TITLE_HEIGHT)
#define SOFT_KEYS_HEIGHT 14
#define SOFT_KEYS_TOP (160 - SOFT_KEYS_HEIGHT)
#define CONTENT_HEIGHT (SOFT_KEYS_TOP - CONTENT_TOP)

struct screen {
  // Null: it paints where others have their title as well.
  const char *title;
  // What select and back do here.
  const char *left, *right;
  // Whose memory it shows; TASK_KERNEL for none but the kernel's.
  enum task_id task;
  void (*enter)(void);
  void (*leave)(void);
  void (*paint)(void);
  void (*key)(int key);
  // Something that the screen shows has changed elsewhere.
  void (*changed)(void);
};

void ui_show_splash(void);
void ui_begin(void);
// Takes keys, paints what changed; milliseconds until there is more.
uint32_t ui_run(uint32_t now);

void ui_open(const struct screen *screen);
bool ui_shows(const struct screen *screen);
void ui_back(void);
void ui_home(void);
// One or two lines over whatever is shown; `more` may be null.
void ui_notice(const char *text, const char *more);
void ui_dirty(int x, int y, int width, int height);
void ui_dirty_content(void);
void ui_dirty_title(void);

// Told by the tasks.
void ui_tasks_changed(void);
void ui_status_changed(void);
void ui_call_changed(void);
void ui_list_changed(void);
void ui_applet_changed(void);
void ui_cell_changed(int x, int y);
void ui_score_changed(void);

#endif
