#include "kernel.h"
#include "applet_runtime.h"
#include "board.h"
#include "browser.h"
#include "clock.h"
#include "console.h"
#include "display.h"
#include "identity.h"
#include "memory.h"
#include "phonebook.h"
#include "pins.h"
#include "registers.h"
#include "self_test.h"
#include "smp.h"
#include "telephony.h"
#include "text.h"
#include "uart.h"
#include "ui.h"
#include "watchdog.h"

#define FEED_MS 1000

extern uint8_t kernel_start[], telephony_start[], applet_runtime_start[], browser_start[],
    phonebook_cache_start[];
extern const uint8_t kernel_bytes[], telephony_bytes[], applet_runtime_bytes[], browser_bytes[],
    phonebook_cache_bytes[];

static void begin_kernel(void);
static uint32_t run_kernel(uint32_t now);
static bool kernel_is_alive(void);

const struct task tasks[TASK_COUNT] = {
    [TASK_KERNEL] = {"kernel", kernel_start, kernel_bytes, begin_kernel, run_kernel,
                     kernel_is_alive},
    [TASK_TELEPHONY] = {"telephony", telephony_start, telephony_bytes, telephony_begin,
                        telephony_run, telephony_is_alive},
    [TASK_APPLET_RUNTIME] = {"applet-runtime", applet_runtime_start, applet_runtime_bytes,
                             applet_runtime_begin, applet_runtime_run, applet_runtime_is_alive},
    [TASK_BROWSER] = {"browser", browser_start, browser_bytes, browser_begin, browser_run,
                      browser_is_alive},
    [TASK_PHONEBOOK_CACHE] = {"phonebook-cache", phonebook_cache_start, phonebook_cache_bytes,
                              phonebook_begin, phonebook_run, phonebook_is_alive},
};

// Kernel and telephony always run; the rest may be asked to give its memory back.
#define LIMITABLE (1u << TASK_APPLET_RUNTIME | 1u << TASK_BROWSER | 1u << TASK_PHONEBOOK_CACHE)

static uint32_t stopped;
static uint32_t due[TASK_COUNT];
static uint32_t fed_at;

uint32_t kernel_task_bytes(enum task_id id) {
  return (uint32_t)tasks[id].bytes_symbol;
}

bool kernel_runs(enum task_id id) {
  return !(stopped >> id & 1);
}

void kernel_poke(enum task_id id) {
  due[id] = clock_ms();
}

static void begin(enum task_id id) {
  // The kernel's own block holds the stack and everything static; start code has cleared it.
  if (id != TASK_KERNEL) memory_fill(tasks[id].memory, 0, kernel_task_bytes(id));
  tasks[id].start();
  kernel_poke(id);
}

static void say(enum task_id id, const char *what) {
  console_write(tasks[id].name);
  console_line(what);
}

// Stopped tasks save nothing: from here on their memory belongs to whoever asked for it.
static void obey_limits(void) {
  uint32_t wanted = HANDOVER->limited_tasks & LIMITABLE;
  uint32_t changed = wanted ^ stopped;
  if (HANDOVER->magic != HANDOVER_MAGIC || changed == 0) return;
  stopped = wanted;
  for (int id = 0; id < TASK_COUNT; id++) {
    if (!(changed >> id & 1)) continue;
    if (kernel_runs(id)) begin(id);
    say(id, kernel_runs(id) ? " runs again" : " stopped");
  }
  ui_tasks_changed();
  HANDOVER->stopped_tasks = stopped;
}

static uint32_t until(uint32_t moment, uint32_t now) {
  int32_t left = (int32_t)(moment - now);
  return left > 0 ? (uint32_t)left : 0;
}

// The watchdog is fed only as long as every task that runs is sound.
static void feed(uint32_t now) {
  if (now - fed_at < FEED_MS) return;
  for (int id = 0; id < TASK_COUNT; id++) {
    if (kernel_runs(id) && !tasks[id].is_alive()) return;
  }
  fed_at = now;
  watchdog_feed();
}

static uint32_t run_due_tasks(void) {
  uint32_t wait = FEED_MS;
  for (int id = TASK_COUNT - 1; id >= 0; id--) {
    if (!kernel_runs(id)) continue;
    uint32_t now = clock_ms();
    // The kernel's task looks at pins and cable after every interrupt.
    if (id == TASK_KERNEL || until(due[id], now) == 0) due[id] = now + tasks[id].run(now);
    uint32_t left = until(due[id], clock_ms());
    if (left < wait) wait = left;
  }
  return wait;
}

static void begin_kernel(void) {
  ui_begin();
}

static uint32_t run_kernel(uint32_t now) {
  uint32_t next_smp = smp_run();
  uint32_t next_ui = ui_run(now);
  return next_smp < next_ui ? next_smp : next_ui;
}

static bool kernel_is_alive(void) {
  // Its stack grows down towards everything static.
  extern uint32_t bss_end[];
  uint32_t stack;
  __asm volatile("mov %0, sp" : "=r"(stack));
  return stack > (uint32_t)bss_end + 512;
}

static void print_banner(void) {
  char line[80];
  struct text text = TEXT_IN(line);
  identity_write(&text);
  console_line("");
  console_line(line);
  if (HANDOVER->magic == HANDOVER_MAGIC && HANDOVER->cause == BOOT_CAUSE_WATCHDOG) {
    console_line("started by the watchdog");
  }
}

static void begin_all(void) {
  uint32_t limited = HANDOVER->magic == HANDOVER_MAGIC ? HANDOVER->limited_tasks & LIMITABLE : 0;
  stopped = limited;
  HANDOVER->stopped_tasks = stopped;
  for (int id = TASK_COUNT - 1; id >= 0; id--) {
    if (kernel_runs(id)) begin(id);
  }
}

void kernel_main(void) {
  WATCHDOG_SCRATCH(SCRATCH_STATUS) = 0;
  watchdog_feed();
  clock_start();
  pins_start();
  uart_start();
  display_start();
  print_banner();
  ui_show_splash();
  self_test_run();
  begin_all();
  if (self_test_failed() == 0) console_line("ready");
  for (;;) {
    obey_limits();
    uint32_t wait = run_due_tasks();
    feed(clock_ms());
    if (wait > 0) clock_sleep(wait);
  }
}
