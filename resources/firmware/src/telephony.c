#include "telephony.h"
#include "board.h"
#include "clock.h"
#include "console.h"
#include "kernel.h"
#include "pins.h"
#include "text.h"
#include "ui.h"
#include "version.h"

#define MAGIC 0x54454C31u
#define SEARCH_MS 1500
#define DIAL_MS 3000
#define MEASURE_MS 20000
#define MAX_BARS 4

struct telephony {
  uint32_t magic;
  enum service service;
  int bars;
  uint32_t noise;
  // When the state of the service or the strength of its signal may change next.
  uint32_t service_due;
  enum call call;
  uint32_t call_since, call_seconds;
  char number[NUMBER_CHARACTERS + 1];
};

extern struct telephony telephony_start;
#define state (&telephony_start)

void telephony_begin(void) {
  state->magic = MAGIC;
  state->noise = 0x2545F491;
}

bool telephony_is_alive(void) {
  return state->magic == MAGIC && state->bars >= 0 && state->bars <= MAX_BARS;
}

static void set_call(enum call call, uint32_t now) {
  if (state->call == CALL_CONNECTED) state->call_seconds = (now - state->call_since) / 1000;
  state->call = call;
  state->call_since = now;
  if (call == CALL_CONNECTED) console_line("call connected");
  if (call == CALL_ENDED) console_line("call ended");
  if (call == CALL_LOST) console_line("call lost");
  ui_call_changed();
}

static void set_service(enum service service, int bars) {
  if (service != state->service) {
    if (service == SERVICE_FULL) console_line("radio: in service");
    if (service == SERVICE_NONE) console_line("radio: no service");
  }
  state->service = service;
  state->bars = bars;
  ui_status_changed();
}

// A signal wanders a little even where nobody moves.
static int measure(void) {
  state->noise ^= state->noise << 13;
  state->noise ^= state->noise >> 17;
  state->noise ^= state->noise << 5;
  int drift = (int)(state->noise % 3) - 1;
  int bars = state->bars + drift;
  return bars > MAX_BARS ? MAX_BARS : bars < 2 ? 2 : bars;
}

static void follow_radio(uint32_t now) {
  bool is_near = pins_held(RADIO_PIN);
  if (!is_near && state->service != SERVICE_NONE) {
    set_service(SERVICE_NONE, 0);
    if (state->call == CALL_DIALLING || state->call == CALL_CONNECTED) set_call(CALL_LOST, now);
  } else if (is_near && state->service == SERVICE_NONE) {
    set_service(SERVICE_SEARCHING, 0);
    state->service_due = now + SEARCH_MS;
  } else if (state->service == SERVICE_SEARCHING && (int32_t)(now - state->service_due) >= 0) {
    set_service(SERVICE_FULL, MAX_BARS - 1);
    state->service_due = now + MEASURE_MS;
  } else if (state->service == SERVICE_FULL && (int32_t)(now - state->service_due) >= 0) {
    int bars = measure();
    if (bars != state->bars) set_service(SERVICE_FULL, bars);
    state->service_due = now + MEASURE_MS;
  }
}

static uint32_t follow_call(uint32_t now) {
  uint32_t passed = now - state->call_since;
  if (state->call == CALL_DIALLING) {
    if (passed < DIAL_MS) return DIAL_MS - passed;
    set_call(CALL_CONNECTED, now);
    return 1000;
  }
  if (state->call != CALL_CONNECTED) return CLOCK_NEVER;
  uint32_t seconds = passed / 1000;
  if (seconds != state->call_seconds) {
    state->call_seconds = seconds;
    ui_call_changed();
  }
  return 1000 - passed % 1000;
}

uint32_t telephony_run(uint32_t now) {
  follow_radio(now);
  uint32_t wait = follow_call(now);
  if (state->service == SERVICE_NONE) return wait;
  uint32_t service_wait = state->service_due - now;
  return service_wait < wait ? service_wait : wait;
}

enum service telephony_service(void) {
  return state->service;
}

int telephony_bars(void) {
  return state->bars;
}

void telephony_dial(const char *number) {
  struct text text = TEXT_IN(state->number);
  text_add(&text, number);
  state->call_seconds = 0;
  bool is_free = state->service == SERVICE_FULL;
  console_write("calling ");
  console_line(state->number);
  set_call(is_free ? CALL_DIALLING : CALL_NO_SERVICE, clock_ms());
  kernel_poke(TASK_TELEPHONY);
}

void telephony_hang_up(void) {
  if (state->call == CALL_DIALLING || state->call == CALL_CONNECTED) {
    set_call(CALL_ENDED, clock_ms());
  }
}

enum call telephony_call(void) {
  return state->call;
}

const char *telephony_number(void) {
  return state->number;
}

uint32_t telephony_seconds(void) {
  return state->call_seconds;
}
