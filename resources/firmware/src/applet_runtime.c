#include "applet_runtime.h"
#include "board.h"
#include "clock.h"
#include "kernel.h"
#include "memory.h"
#include "text.h"
#include "ui.h"

#define MAGIC 0x41504C31u
#define STACK_NUMBERS 64
#define CALL_DEPTH 16
#define MEMORY_NUMBERS 1024
#define MESSAGE_CHARACTERS 40
// An applet that does not wait of its own accord has to after so many instructions.
#define SLICE_INSTRUCTIONS 4000

// In the order of the assembler's table.
enum instruction {
  HALT,
  PUSH,
  LOAD,
  STORE,
  LOAD_AT,
  STORE_AT,
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  MODULO,
  EQUAL,
  LESS,
  AND,
  OR,
  NOT,
  JUMP,
  JUMP_IF,
  CALL,
  RETURN,
  KEY,
  WAIT,
  RANDOM,
  CLEAR,
  CELL,
  SET_CELL,
  SCORE,
  FLASH,
  MESSAGE,
};

struct runtime {
  uint32_t magic;
  // Null where no applet runs.
  const struct applet *applet;
  uint16_t pc;
  uint8_t stack_length, call_length;
  bool is_broken;
  int key;
  int32_t score;
  uint32_t noise;
  uint32_t wake_at;
  int32_t stack[STACK_NUMBERS];
  uint16_t calls[CALL_DEPTH];
  int32_t memory[MEMORY_NUMBERS];
  uint8_t board[BOARD_HEIGHT][BOARD_WIDTH];
  char message[MESSAGE_CHARACTERS + 1];
};

extern struct runtime applet_runtime_start;
#define runtime (&applet_runtime_start)

void applet_runtime_begin(void) {
  runtime->magic = MAGIC;
  runtime->key = APPLET_NO_KEY;
}

bool applet_runtime_is_alive(void) {
  return runtime->magic == MAGIC && runtime->stack_length <= STACK_NUMBERS &&
         runtime->call_length <= CALL_DEPTH;
}

void applet_start(const struct applet *applet) {
  memory_fill(runtime, 0, sizeof *runtime);
  applet_runtime_begin();
  runtime->applet = applet;
  runtime->noise = clock_ms() * 2654435761u | 1;
  runtime->wake_at = clock_ms();
  kernel_poke(TASK_APPLET_RUNTIME);
}

void applet_stop(void) {
  runtime->applet = 0;
}

void applet_press(int key) {
  runtime->key = key;
}

// An applet that breaks a rule ends; nothing else is harmed.
static void breaks(const char *rule) {
  struct text text = TEXT_IN(runtime->message);
  text_add(&text, rule);
  runtime->is_broken = true;
  ui_applet_changed();
}

static void push(int32_t number) {
  if (runtime->stack_length == STACK_NUMBERS) breaks("The stack is full.");
  else runtime->stack[runtime->stack_length++] = number;
}

static int32_t pop(void) {
  if (runtime->stack_length > 0) return runtime->stack[--runtime->stack_length];
  breaks("The stack is empty.");
  return 0;
}

static int next_byte(void) {
  if (runtime->pc < runtime->applet->code_bytes) return runtime->applet->code[runtime->pc++];
  breaks("The applet has no end.");
  return HALT;
}

static int next_word(void) {
  int low = next_byte();
  return low | next_byte() << 8;
}

static int32_t *variable(int32_t at) {
  static int32_t nowhere;
  if (at >= 0 && at < runtime->applet->memory && at < MEMORY_NUMBERS) return &runtime->memory[at];
  breaks("No such variable.");
  return &nowhere;
}

static int32_t random_below(int32_t limit) {
  runtime->noise ^= runtime->noise << 13;
  runtime->noise ^= runtime->noise >> 17;
  runtime->noise ^= runtime->noise << 5;
  return limit > 0 ? (int32_t)(runtime->noise % (uint32_t)limit) : 0;
}

static int32_t calculate(enum instruction instruction, int32_t left, int32_t right) {
  bool divides = instruction == DIVIDE || instruction == MODULO;
  if (divides && right == 0) {
    breaks("Division by zero.");
    return 0;
  }
  switch (instruction) {
    case ADD: return left + right;
    case SUBTRACT: return left - right;
    case MULTIPLY: return left * right;
    case DIVIDE: return left / right;
    case MODULO: return left % right;
    case EQUAL: return left == right;
    case LESS: return left < right;
    case AND: return left && right;
    default: return left || right;
  }
}

static bool is_on_board(int32_t x, int32_t y) {
  return x >= 0 && y >= 0 && x < BOARD_WIDTH && y < BOARD_HEIGHT;
}

static void set_cell(int32_t x, int32_t y, int32_t colour) {
  if (!is_on_board(x, y) || runtime->board[y][x] == colour) return;
  runtime->board[y][x] = (uint8_t)colour;
  ui_cell_changed(x, y);
}

static void clear_board(int colour) {
  memory_fill(runtime->board, (uint8_t)colour, sizeof runtime->board);
  runtime->message[0] = 0;
  ui_applet_changed();
}

// Turns every cell that is not empty to one colour.
static void flash_board(int32_t colour) {
  for (int y = 0; y < BOARD_HEIGHT; y++) {
    for (int x = 0; x < BOARD_WIDTH; x++) {
      if (runtime->board[y][x] != 0) set_cell(x, y, colour);
    }
  }
}

static void take_message(void) {
  struct text text = TEXT_IN(runtime->message);
  for (int left = next_byte(); left > 0; left--) text_add_char(&text, (char)next_byte());
  ui_applet_changed();
}

static void call(void) {
  int target = next_word();
  if (runtime->call_length == CALL_DEPTH) {
    breaks("Too many calls.");
    return;
  }
  runtime->calls[runtime->call_length++] = runtime->pc;
  runtime->pc = (uint16_t)target;
}

static void return_from_call(void) {
  if (runtime->call_length == 0) breaks("Nothing to return to.");
  else runtime->pc = runtime->calls[--runtime->call_length];
}

static void jump_if(bool is_wanted) {
  int target = next_word();
  if (is_wanted) runtime->pc = (uint16_t)target;
}

static void push_key(void) {
  push(runtime->key);
  runtime->key = APPLET_NO_KEY;
}

static void push_cell(void) {
  int32_t y = pop(), x = pop();
  push(is_on_board(x, y) ? runtime->board[y][x] : 0);
}

static void pop_cell(void) {
  int32_t colour = pop(), y = pop(), x = pop();
  set_cell(x, y, colour);
}

static void set_score(int32_t score) {
  runtime->score = score;
  ui_score_changed();
}

static void store(void) {
  int32_t number = pop();
  *variable(next_word()) = number;
}

static void load_at(void) {
  int32_t index = pop();
  push(*variable(next_word() + index));
}

static void store_at(void) {
  int32_t index = pop(), number = pop();
  *variable(next_word() + index) = number;
}

// One instruction; false where the applet waits.
static bool step(void) {
  enum instruction instruction = (enum instruction)next_byte();
  switch (instruction) {
    case PUSH: push((int16_t)next_word()); return true;
    case LOAD: push(*variable(next_word())); return true;
    case STORE: store(); return true;
    case LOAD_AT: load_at(); return true;
    case STORE_AT: store_at(); return true;
    case NOT: push(!pop()); return true;
    case JUMP: jump_if(true); return true;
    case JUMP_IF: jump_if(pop() != 0); return true;
    case CALL: call(); return true;
    case RETURN: return_from_call(); return true;
    case KEY: push_key(); return true;
    case WAIT: runtime->wake_at = clock_ms() + (uint32_t)pop(); return false;
    case RANDOM: push(random_below(pop())); return true;
    case CLEAR: clear_board(next_word()); return true;
    case CELL: push_cell(); return true;
    case SET_CELL: pop_cell(); return true;
    case SCORE: set_score(pop()); return true;
    case FLASH: flash_board(pop()); return true;
    case MESSAGE: take_message(); return true;
    case HALT: runtime->is_broken = true; return false;
    default: break;
  }
  int32_t right = pop(), left = pop();
  push(calculate(instruction, left, right));
  return true;
}

uint32_t applet_runtime_run(uint32_t now) {
  if (!runtime->applet || runtime->is_broken) return CLOCK_NEVER;
  int32_t early = (int32_t)(runtime->wake_at - now);
  if (early > 0) return (uint32_t)early;
  for (int i = 0; i < SLICE_INSTRUCTIONS && !runtime->is_broken; i++) {
    if (!step()) break;
  }
  int32_t left = (int32_t)(runtime->wake_at - clock_ms());
  return left > 0 ? (uint32_t)left : 1;
}

int applet_cell(int x, int y) {
  return runtime->board[y][x];
}

int applet_score(void) {
  return runtime->score;
}

const char *applet_message(void) {
  return runtime->message;
}
