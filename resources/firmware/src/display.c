#include "display.h"
#include "board.h"
#include "registers.h"

enum { SOFTWARE_RESET = 0x01, SLEEP_OUT = 0x11, DISPLAY_ON = 0x29 };
enum { COLUMNS = 0x2A, ROWS = 0x2B, PIXELS = 0x2C };

static void send(uint8_t byte) {
  while (!(SPI0_STATUS & SPI_TRANSMIT_NOT_FULL)) continue;
  SPI0_DATA = byte;
}

// The pin says for all bytes on their way what they are, so those before must have left.
static void settle(void) {
  while (SPI0_STATUS & SPI_BUSY) continue;
}

static void command(uint8_t code) {
  settle();
  SIO_GPIO_OUT_CLEAR = 1u << DISPLAY_DATA_PIN;
  send(code);
  settle();
  SIO_GPIO_OUT_SET = 1u << DISPLAY_DATA_PIN;
}

void display_start(void) {
  IO_BANK0_CONTROL(DISPLAY_DATA_PIN) = IO_BANK0_FUNCTION_SIO;
  SIO_GPIO_OE_SET = 1u << DISPLAY_DATA_PIN;
  // 24 MHz, eight bits at a time.
  SPI0_PRESCALE = 2;
  SPI0_CONTROL0 = 7;
  SPI0_CONTROL1 = 1u << 1;
  command(SOFTWARE_RESET);
  command(SLEEP_OUT);
  command(DISPLAY_ON);
}

static void send_range(int first, int last) {
  send((uint8_t)(first >> 8));
  send((uint8_t)first);
  send((uint8_t)(last >> 8));
  send((uint8_t)last);
}

void display_window(int x, int y, int width, int height) {
  command(COLUMNS);
  send_range(x, x + width - 1);
  command(ROWS);
  send_range(y, y + height - 1);
  command(PIXELS);
}

static void send_pixel(uint16_t pixel) {
  SPI0_DATA = pixel >> 8;
  SPI0_DATA = pixel & 0xFF;
}

void display_pixels(const uint16_t *pixels, uint32_t count) {
  const uint16_t *end = pixels + count;
  // An empty FIFO takes four pixels at once, which is much less waiting than one look a byte.
  for (; end - pixels >= 4; pixels += 4) {
    while (!(SPI0_STATUS & SPI_TRANSMIT_EMPTY)) continue;
    send_pixel(pixels[0]);
    send_pixel(pixels[1]);
    send_pixel(pixels[2]);
    send_pixel(pixels[3]);
  }
  for (; pixels < end; pixels++) {
    while (!(SPI0_STATUS & SPI_TRANSMIT_EMPTY)) continue;
    send_pixel(*pixels);
  }
}
