#include "smp.h"
#include "board.h"
#include "cbor.h"
#include "clock.h"
#include "identity.h"
#include "image.h"
#include "image_hash.h"
#include "memory.h"
#include "self_test.h"
#include "smp_lines.h"
#include "text.h"
#include "uart.h"
#include "version.h"
#include "watchdog.h"

#define HEADER_BYTES 8
#define INFO_BYTES 96
// A few bytes longer than the packets that come in; image state needs fewer than either.
#define ANSWER_BYTES (SMP_BUFFER_BYTES + 16)
// Longer than the lines of a packet.
#define TURN_BYTES 4096

enum { OP_READ = 0, OP_WRITE = 2 };
enum { GROUP_OS = 0, GROUP_IMAGE = 1 };
enum { OS_ECHO = 0, OS_RESET = 5, OS_PARAMETERS = 6, OS_INFO = 7 };
enum { IMAGE_STATE = 0 };
enum result { RESULT_OK = 0, RESULT_UNKNOWN = 1, RESULT_BAD_VALUE = 3, RESULT_UNSUPPORTED = 8 };
enum afterwards { STAY, RESET, RESET_TO_RESTORE_MODE };

// Header of the last image state request, which waits for the hash.
static uint8_t waiting_header[HEADER_BYTES];
static bool is_waiting;
static uint32_t answered;
static uint8_t answer[ANSWER_BYTES];

static void send_answer(const uint8_t *request, uint32_t payload_bytes) {
  memory_copy(answer, request, HEADER_BYTES);
  answer[0] = request[0] + 1;
  answer[1] = 0;
  answer[2] = (uint8_t)(payload_bytes >> 8);
  answer[3] = (uint8_t)payload_bytes;
  smp_lines_send(answer, HEADER_BYTES + payload_bytes);
  answered++;
}

static void write_result(struct cbor_writer *writer, enum result result) {
  writer->length = 0;
  cbor_write_map(writer, 1);
  cbor_write_text(writer, "rc");
  cbor_write_number(writer, result);
}

static enum result write_echo(struct cbor_writer *writer, const uint8_t *payload, uint32_t count) {
  struct cbor_value text;
  enum cbor_found found = cbor_find(payload, count, "d", &text);
  if (found != CBOR_FOUND || text.type != CBOR_TEXT) return RESULT_BAD_VALUE;
  // Software that fails its own test does not answer the test signal.
  if (self_test_failed() != 0) return RESULT_UNKNOWN;
  uint8_t *scratch = answer + HEADER_BYTES + 6;
  uint32_t length = cbor_copy_text(&text, scratch);
  cbor_write_map(writer, 1);
  cbor_write_text(writer, "r");
  cbor_write_text_head(writer, length);
  // The head's own length is known only now.
  const uint8_t *source = scratch;
  uint8_t *target = writer->start + writer->length;
  for (uint32_t i = 0; i < length; i++) target[i] = source[i];
  writer->length += length;
  return RESULT_OK;
}

static enum result write_info(struct cbor_writer *writer, const uint8_t *payload, uint32_t count) {
  struct cbor_value format;
  enum cbor_found found = cbor_find(payload, count, "format", &format);
  if (found == CBOR_MALFORMED) return RESULT_BAD_VALUE;
  if (found == CBOR_FOUND && format.type != CBOR_TEXT) return RESULT_BAD_VALUE;
  char line[INFO_BYTES];
  struct text text = TEXT_IN(line);
  identity_write(&text);
  if (self_test_failed() != 0) {
    text_add(&text, " self-test-failed ");
    text_add_number(&text, self_test_failed());
  }
  cbor_write_map(writer, 1);
  cbor_write_text(writer, "output");
  cbor_write_text(writer, line);
  return RESULT_OK;
}

static void write_parameters(struct cbor_writer *writer) {
  cbor_write_map(writer, 2);
  cbor_write_text(writer, "buf_size");
  cbor_write_number(writer, SMP_BUFFER_BYTES);
  cbor_write_text(writer, "buf_count");
  cbor_write_number(writer, SMP_BUFFER_COUNT);
}

static void write_image_state(struct cbor_writer *writer) {
  cbor_write_map(writer, 1);
  cbor_write_text(writer, "images");
  cbor_write_list(writer, 1);
  cbor_write_map(writer, 7);
  cbor_write_text(writer, "image");
  cbor_write_number(writer, 0);
  cbor_write_text(writer, "slot");
  cbor_write_number(writer, 0);
  cbor_write_text(writer, "version");
  cbor_write_text(writer, VERSION_TEXT);
  cbor_write_text(writer, "hash");
  cbor_write_bytes(writer, image_hash(), SHA256_BYTES);
  cbor_write_text(writer, "bootable");
  cbor_write_flag(writer, true);
  cbor_write_text(writer, "active");
  cbor_write_flag(writer, true);
  cbor_write_text(writer, "confirmed");
  cbor_write_flag(writer, self_test_failed() == 0);
}

static enum result read_reset(const uint8_t *payload, uint32_t count, enum afterwards *afterwards) {
  struct cbor_value mode = {.type = CBOR_UNSIGNED, .number = 0};
  if (cbor_find(payload, count, "boot_mode", &mode) == CBOR_MALFORMED) return RESULT_BAD_VALUE;
  if (mode.type != CBOR_UNSIGNED || mode.number > 1) return RESULT_BAD_VALUE;
  *afterwards = mode.number == 1 ? RESET_TO_RESTORE_MODE : RESET;
  return RESULT_OK;
}

static enum afterwards serve(const uint8_t *request, uint32_t count) {
  const uint8_t *payload = request + HEADER_BYTES;
  uint32_t payload_bytes = count - HEADER_BYTES;
  int op = request[0] & 7, group = request[4] << 8 | request[5], command = request[7];
  struct cbor_writer writer = {.start = answer + HEADER_BYTES, .length = 0};
  struct cbor_value ignored;
  enum afterwards afterwards = STAY;
  enum result result = RESULT_UNSUPPORTED;
  if (cbor_find(payload, payload_bytes, "", &ignored) == CBOR_MALFORMED) {
    result = RESULT_BAD_VALUE;
  } else if (group == GROUP_OS && op == OP_WRITE && command == OS_ECHO) {
    result = write_echo(&writer, payload, payload_bytes);
  } else if (group == GROUP_OS && op == OP_WRITE && command == OS_RESET) {
    result = read_reset(payload, payload_bytes, &afterwards);
  } else if (group == GROUP_OS && op == OP_READ && command == OS_PARAMETERS) {
    write_parameters(&writer);
    result = RESULT_OK;
  } else if (group == GROUP_OS && op == OP_READ && command == OS_INFO) {
    result = write_info(&writer, payload, payload_bytes);
  } else if (group == GROUP_IMAGE && op == OP_READ && command == IMAGE_STATE) {
    memory_copy(waiting_header, request, HEADER_BYTES);
    is_waiting = true;
    return STAY;
  }
  if (result != RESULT_OK || writer.length == 0) write_result(&writer, result);
  send_answer(request, writer.length);
  return afterwards;
}

// Whether a packet is a request that can be answered at all; others are met with silence.
static bool is_request(const struct smp_packet *packet) {
  const uint8_t *header = packet->bytes;
  int reserved = header[0] >> 5, version = header[0] >> 3 & 3, op = header[0] & 7;
  return reserved == 0 && version <= 1 && (op == OP_READ || op == OP_WRITE) &&
         (uint32_t)(header[2] << 8 | header[3]) == packet->count - HEADER_BYTES;
}

static void take_packet(const struct smp_packet *packet) {
  if (!is_request(packet)) return;
  enum afterwards afterwards = serve(packet->bytes, packet->count);
  if (afterwards == STAY) return;
  uart_drain();
  watchdog_reset(afterwards == RESET_TO_RESTORE_MODE);
}

// One packet at most, and so many bytes: whoever sends without end must not keep the other tasks
// from their turn, nor the watchdog from being fed. True where more may have come already.
static bool take_turn(void) {
  struct smp_packet packet;
  for (int taken = 0; taken < TURN_BYTES; taken++) {
    int byte = uart_take();
    if (byte < 0) return false;
    if (!smp_lines_take((uint8_t)byte, &packet)) continue;
    take_packet(&packet);
    return true;
  }
  return true;
}

uint32_t smp_run(void) {
  uint32_t wait = take_turn() ? 0 : CLOCK_NEVER;
  if (!is_waiting) return wait;
  if (!image_hash_step()) return 0;
  is_waiting = false;
  struct cbor_writer writer = {.start = answer + HEADER_BYTES, .length = 0};
  write_image_state(&writer);
  send_answer(waiting_header, writer.length);
  return wait;
}

uint32_t smp_answered(void) {
  return answered;
}
