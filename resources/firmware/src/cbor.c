#include "cbor.h"
#include "memory.h"
#include "text.h"

// Deeper nesting is noise.
#define MAX_DEPTH 8
#define INDEFINITE 31
#define BREAK 0xFF

struct reader {
  const uint8_t *next;
  const uint8_t *end;
};

struct head {
  enum cbor_type type;
  bool is_indefinite;
  uint32_t number;
};

static bool read_head(struct reader *reader, struct head *head) {
  if (reader->next == reader->end) return false;
  uint8_t first = *reader->next++;
  uint32_t more = first & 31;
  head->type = (enum cbor_type)(first >> 5);
  head->is_indefinite = more == INDEFINITE;
  head->number = more;
  if (more < 24) return true;
  if (more == INDEFINITE) return head->type >= CBOR_BYTES && head->type <= CBOR_MAP;
  if (more > 27) return false;
  uint32_t bytes = 1u << (more - 24), number = 0;
  if ((uint32_t)(reader->end - reader->next) < bytes) return false;
  for (uint32_t i = 0; i < bytes; i++) {
    // No length or number of SMP has more than 32 bits; larger ones saturate and fit nowhere.
    number = number >> 24 != 0 ? 0xFFFFFFFF : number << 8 | reader->next[i];
  }
  reader->next += bytes;
  head->number = number;
  // A simple value below 32 has no second byte.
  return head->type != CBOR_OTHER || more != 24 || number >= 32;
}

static bool skip_bytes(struct reader *reader, uint32_t count) {
  if ((uint32_t)(reader->end - reader->next) < count) return false;
  reader->next += count;
  return true;
}

static bool take_break(struct reader *reader) {
  if (reader->next == reader->end || *reader->next != BREAK) return false;
  reader->next++;
  return true;
}

static bool skip_string(struct reader *reader, const struct head *head) {
  if (!head->is_indefinite) return skip_bytes(reader, head->number);
  while (!take_break(reader)) {
    struct head piece;
    if (!read_head(reader, &piece) || piece.type != head->type || piece.is_indefinite) return false;
    if (!skip_bytes(reader, piece.number)) return false;
  }
  return true;
}

static bool skip_item(struct reader *reader, int depth) {
  struct head head;
  if (depth == 0 || !read_head(reader, &head)) return false;
  if (head.type == CBOR_BYTES || head.type == CBOR_TEXT) return skip_string(reader, &head);
  if (head.type == CBOR_TAG) return skip_item(reader, depth - 1);
  if (head.type != CBOR_LIST && head.type != CBOR_MAP) return true;
  for (uint32_t i = 0; head.is_indefinite || i < head.number; i++) {
    if (head.is_indefinite && take_break(reader)) return true;
    if (!skip_item(reader, depth - 1)) return false;
    if (head.type == CBOR_MAP && !skip_item(reader, depth - 1)) return false;
  }
  return true;
}

static bool is_key(const uint8_t *start, const uint8_t *end, const char *key) {
  uint32_t length = text_length(key);
  return start[0] == (CBOR_TEXT << 5 | length) && (uint32_t)(end - start) == length + 1 &&
         memory_equal(start + 1, key, length);
}

enum cbor_found cbor_find(const uint8_t *bytes, uint32_t count, const char *key,
                          struct cbor_value *value) {
  struct reader reader = {.next = bytes, .end = bytes + count};
  struct head map;
  enum cbor_found found = CBOR_ABSENT;
  if (!read_head(&reader, &map) || map.type != CBOR_MAP) return CBOR_MALFORMED;
  for (uint32_t i = 0; map.is_indefinite || i < map.number; i++) {
    if (map.is_indefinite && take_break(&reader)) break;
    const uint8_t *start = reader.next;
    struct head head;
    if (!read_head(&reader, &head) || head.type != CBOR_TEXT) return CBOR_MALFORMED;
    if (!skip_string(&reader, &head)) return CBOR_MALFORMED;
    bool is_wanted = is_key(start, reader.next, key);
    struct reader item = reader;
    if (!skip_item(&reader, MAX_DEPTH)) return CBOR_MALFORMED;
    if (!is_wanted) continue;
    value->start = item.next;
    read_head(&item, &head);
    value->type = head.type;
    value->number = head.number;
    found = CBOR_FOUND;
  }
  return reader.next == reader.end ? found : CBOR_MALFORMED;
}

uint32_t cbor_copy_text(const struct cbor_value *value, uint8_t *to) {
  // The map was read to its end before, so that nothing here can run past it.
  struct reader reader = {.next = value->start, .end = value->start + 0xFFFF};
  struct head head;
  read_head(&reader, &head);
  if (!head.is_indefinite) {
    memory_copy(to, reader.next, head.number);
    return head.number;
  }
  uint32_t length = 0;
  while (!take_break(&reader)) {
    struct head piece;
    read_head(&reader, &piece);
    memory_copy(to + length, reader.next, piece.number);
    reader.next += piece.number;
    length += piece.number;
  }
  return length;
}

static void write_head(struct cbor_writer *writer, enum cbor_type type, uint32_t number) {
  uint8_t *to = writer->start + writer->length;
  uint8_t major = (uint8_t)(type << 5);
  if (number < 24) {
    to[0] = (uint8_t)(major | number);
    writer->length += 1;
  } else if (number < 0x100) {
    to[0] = major | 24;
    to[1] = (uint8_t)number;
    writer->length += 2;
  } else {
    to[0] = major | 25;
    to[1] = (uint8_t)(number >> 8);
    to[2] = (uint8_t)number;
    writer->length += 3;
  }
}

void cbor_write_map(struct cbor_writer *writer, uint32_t entries) {
  write_head(writer, CBOR_MAP, entries);
}

void cbor_write_list(struct cbor_writer *writer, uint32_t entries) {
  write_head(writer, CBOR_LIST, entries);
}

void cbor_write_text_head(struct cbor_writer *writer, uint32_t bytes) {
  write_head(writer, CBOR_TEXT, bytes);
}

void cbor_write_text(struct cbor_writer *writer, const char *text) {
  uint32_t length = text_length(text);
  write_head(writer, CBOR_TEXT, length);
  memory_copy(writer->start + writer->length, text, length);
  writer->length += length;
}

void cbor_write_bytes(struct cbor_writer *writer, const void *bytes, uint32_t count) {
  write_head(writer, CBOR_BYTES, count);
  memory_copy(writer->start + writer->length, bytes, count);
  writer->length += count;
}

void cbor_write_number(struct cbor_writer *writer, uint32_t number) {
  write_head(writer, CBOR_UNSIGNED, number);
}

void cbor_write_flag(struct cbor_writer *writer, bool flag) {
  writer->start[writer->length++] = flag ? 0xF5 : 0xF4;
}
