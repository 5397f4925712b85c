#include "uart.h"
#include "board.h"
#include "interrupts.h"
#include "registers.h"

// Frames as base64 lines have a half more than their bytes: so many whole ones, and room for the
// noise between them. A power of two, since both ends of the ring only count upwards.
#define RING_BYTES 8192
_Static_assert(RING_BYTES >= SMP_BUFFER_COUNT * (SMP_BUFFER_BYTES * 3 / 2), "all frames fit");
_Static_assert((RING_BYTES & (RING_BYTES - 1)) == 0, "head and tail wrap round with the ring");
#define BAUD 115200

static uint8_t ring[RING_BYTES];
static volatile uint32_t ring_head, ring_tail;

void uart_start(void) {
  // The divider has 6 binary places.
  uint32_t divider = (CPU_HERTZ * 4u + BAUD / 2) / BAUD;
  UART0_BAUD_INTEGER = divider >> 6;
  UART0_BAUD_FRACTION = divider & 63;
  UART0_LINE_CONTROL = 3u << 5 | 1u << 4;
  UART0_CONTROL = 1u << 9 | 1u << 8 | 1u << 0;
  UART0_INTERRUPT_MASK = UART_RECEIVE_INTERRUPT | UART_TIMEOUT_INTERRUPT;
  NVIC_SET_ENABLE = 1u << INTERRUPT_UART0;
}

void uart_handler(void) {
  while (!(UART0_FLAGS & UART_RECEIVE_EMPTY)) {
    uint8_t byte = (uint8_t)UART0_DATA;
    // What does not fit is lost, as it would be in a FIFO that nobody empties.
    if (ring_head - ring_tail == RING_BYTES) continue;
    ring[ring_head % RING_BYTES] = byte;
    ring_head++;
  }
}

int uart_take(void) {
  if (ring_head == ring_tail) return -1;
  uint8_t byte = ring[ring_tail % RING_BYTES];
  ring_tail++;
  return byte;
}

void uart_send(const void *bytes, uint32_t count) {
  const uint8_t *next = bytes;
  while (count-- > 0) {
    while (UART0_FLAGS & UART_TRANSMIT_FULL) continue;
    UART0_DATA = *next++;
  }
}

void uart_drain(void) {
  while (UART0_FLAGS & UART_BUSY) continue;
}
