#include "smp_lines.h"
#include "base64.h"
#include "board.h"
#include "crc.h"
#include "uart.h"

#define LINE_END '\n'
#define PIECE_CHARACTERS 124
#define HEADER_BYTES 8
#define CRC_BYTES 2

enum line { LINE_TEXT, LINE_FRAME };

static struct {
  enum line line;
  // The first byte of a marker whose second has not come yet; 0 for none.
  uint8_t half_marker;
  // Characters of a quad that is not whole yet, and how many of them are padding.
  uint8_t quad_length, padding;
  uint32_t quad;
  bool is_open;
  uint32_t filled;
  // Packet and CRC, once the two bytes of the length are there.
  uint32_t announced;
  uint8_t frame[SMP_BUFFER_BYTES];
} parser;

static void drop_frame(void) {
  parser.is_open = false;
  parser.line = LINE_TEXT;
}

static void begin_line(bool is_first) {
  if (is_first) {
    parser.is_open = true;
    parser.filled = 0;
  }
  parser.line = parser.is_open ? LINE_FRAME : LINE_TEXT;
}

static void add_byte(uint8_t byte) {
  if (parser.filled == SMP_BUFFER_BYTES) {
    drop_frame();
    return;
  }
  parser.frame[parser.filled++] = byte;
  if (parser.filled != 2) return;
  parser.announced = (uint32_t)parser.frame[0] << 8 | parser.frame[1];
  bool fits = parser.announced >= HEADER_BYTES + CRC_BYTES &&
              parser.announced <= SMP_BUFFER_BYTES - 2;
  if (!fits) drop_frame();
}

static void add_character(char character) {
  int value = base64_value(character);
  bool is_padding = character == '=' && parser.quad_length >= 2;
  if (value == BASE64_NONE && !is_padding) {
    drop_frame();
    return;
  }
  // Nothing of base64 comes behind padding.
  if (parser.padding > 0 && !is_padding) {
    drop_frame();
    return;
  }
  parser.quad = parser.quad << 6 | (uint32_t)(is_padding ? 0 : value);
  parser.padding = (uint8_t)(parser.padding + is_padding);
  if (++parser.quad_length < 4) return;
  parser.quad_length = 0;
  for (int i = 0; i < 3 - parser.padding && parser.is_open; i++) {
    add_byte((uint8_t)(parser.quad >> (16 - 8 * i)));
  }
}

static bool end_line(struct smp_packet *packet) {
  bool is_frame = parser.line == LINE_FRAME;
  bool is_split = parser.quad_length != 0;
  parser.line = LINE_TEXT;
  parser.quad_length = 0;
  parser.padding = 0;
  if (!is_frame || !parser.is_open) return false;
  if (is_split || parser.filled < 2 || parser.filled > parser.announced + 2) {
    parser.is_open = false;
    return false;
  }
  if (parser.filled < parser.announced + 2) return false;
  parser.is_open = false;
  // The CRC over a packet and its own CRC is 0.
  if (crc16_add(0, parser.frame + 2, parser.announced) != 0) return false;
  packet->bytes = parser.frame + 2;
  packet->count = parser.announced - CRC_BYTES;
  return true;
}

bool smp_lines_take(uint8_t byte, struct smp_packet *packet) {
  uint8_t half = parser.half_marker;
  parser.half_marker = 0;
  // Markers are no base64, so they end one line and begin another wherever they stand.
  if ((half == 0x06 && byte == 0x09) || (half == 0x04 && byte == 0x14)) {
    bool is_whole = end_line(packet);
    begin_line(half == 0x06);
    return is_whole;
  }
  if (half != 0 && parser.line == LINE_FRAME) drop_frame();
  if (byte == 0x06 || byte == 0x04) {
    parser.half_marker = byte;
  } else if (byte == LINE_END) {
    return end_line(packet);
  } else if (parser.line == LINE_FRAME && byte != '\r') {
    add_character((char)byte);
  }
  return false;
}

struct sender {
  uint8_t triple[3];
  uint32_t triple_length, line_length;
  bool is_first;
};

static void send_quad(struct sender *sender) {
  char quad[4];
  if (sender->line_length == 0) uart_send(sender->is_first ? "\x06\x09" : "\x04\x14", 2);
  sender->is_first = false;
  base64_encode(sender->triple, sender->triple_length, quad);
  uart_send(quad, 4);
  sender->triple_length = 0;
  sender->line_length += 4;
  if (sender->line_length < PIECE_CHARACTERS) return;
  uart_send("\n", 1);
  sender->line_length = 0;
}

static void send_byte(struct sender *sender, uint8_t byte) {
  sender->triple[sender->triple_length++] = byte;
  if (sender->triple_length == 3) send_quad(sender);
}

void smp_lines_send(const uint8_t *packet, uint32_t count) {
  struct sender sender = {.is_first = true};
  uint16_t crc = crc16_add(0, packet, count);
  send_byte(&sender, (uint8_t)((count + CRC_BYTES) >> 8));
  send_byte(&sender, (uint8_t)(count + CRC_BYTES));
  for (uint32_t i = 0; i < count; i++) send_byte(&sender, packet[i]);
  send_byte(&sender, (uint8_t)(crc >> 8));
  send_byte(&sender, (uint8_t)crc);
  if (sender.triple_length > 0) send_quad(&sender);
  if (sender.line_length > 0) uart_send("\n", 1);
}
