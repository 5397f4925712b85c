#include "pins.h"
#include "board.h"
#include "interrupts.h"
#include "registers.h"

#define QUEUE_KEYS 16

static uint8_t queue[QUEUE_KEYS];
static volatile uint32_t queue_head, queue_tail;
static volatile uint32_t levels;

void pins_start(void) {
  for (int pin = 0; pin < INPUT_PIN_COUNT; pin++) {
    IO_BANK0_CONTROL(pin) = IO_BANK0_FUNCTION_SIO;
    PADS_BANK0(pin) = PADS_INPUT_ENABLE | PADS_PULL_DOWN | PADS_SCHMITT;
  }
  levels = SIO_GPIO_IN;
  for (int index = 0; index < 3; index++) {
    int pins = index == 2 ? INPUT_PIN_COUNT - 16 : 8;
    uint32_t edges = (IO_BANK0_EDGE_LOW | IO_BANK0_EDGE_HIGH) * 0x11111111u >> (32 - 4 * pins);
    IO_BANK0_RAW(index) = edges;
    IO_BANK0_ENABLE(index) = edges;
  }
  NVIC_SET_ENABLE = 1u << INTERRUPT_IO_BANK0;
}

static void note_key(int key) {
  if (queue_head - queue_tail == QUEUE_KEYS) return;
  queue[queue_head % QUEUE_KEYS] = (uint8_t)key;
  queue_head++;
}

void pins_handler(void) {
  for (int index = 0; index < 3; index++) {
    uint32_t edges = IO_BANK0_RAW(index);
    IO_BANK0_RAW(index) = edges;
    for (int pin = index * 8; edges != 0; pin++, edges >>= 4) {
      if (edges & IO_BANK0_EDGE_HIGH && pin < KEY_COUNT) note_key(pin);
    }
  }
  levels = SIO_GPIO_IN;
}

int pins_take_key(void) {
  if (queue_head == queue_tail) return PINS_NO_KEY;
  uint8_t key = queue[queue_tail % QUEUE_KEYS];
  queue_tail++;
  return key;
}

bool pins_held(int pin) {
  return levels >> pin & 1;
}
