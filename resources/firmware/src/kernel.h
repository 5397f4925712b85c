// A cooperative kernel: each task does what is due and says when it wants to run again. Nothing
// runs in between, and the CPU sleeps.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stdint.h>

// In the order of the model; bit n of a set of tasks is task n.
enum task_id {
  TASK_KERNEL,
  TASK_TELEPHONY,
  TASK_APPLET_RUNTIME,
  TASK_BROWSER,
  TASK_PHONEBOOK_CACHE,
  TASK_COUNT,
};

struct task {
  const char *name;
  // The block of memory that is the task's own and nobody else's.
  void *memory;
  const void *bytes_symbol;
  // Begins with fresh memory.
  void (*start)(void);
  // Does what is due; milliseconds until there is more.
  uint32_t (*run)(uint32_t now);
  // Whether what lies in its memory still makes sense.
  bool (*is_alive)(void);
};

extern const struct task tasks[TASK_COUNT];

void kernel_main(void) __attribute__((noreturn));
bool kernel_runs(enum task_id id);
// The task has something to do now.
void kernel_poke(enum task_id id);
uint32_t kernel_task_bytes(enum task_id id);

#endif
