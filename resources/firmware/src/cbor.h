// The little CBOR (RFC 8949) that SMP needs: one map with text keys, read and written.
#ifndef CBOR_H
#define CBOR_H

#include <stdbool.h>
#include <stdint.h>

enum cbor_type {
  CBOR_UNSIGNED = 0,
  CBOR_NEGATIVE = 1,
  CBOR_BYTES = 2,
  CBOR_TEXT = 3,
  CBOR_LIST = 4,
  CBOR_MAP = 5,
  CBOR_TAG = 6,
  CBOR_OTHER = 7,
};

struct cbor_value {
  enum cbor_type type;
  uint32_t number;
  // The item's first byte.
  const uint8_t *start;
};

enum cbor_found { CBOR_MALFORMED, CBOR_ABSENT, CBOR_FOUND };

// Reads the whole map and gives the value of one key.
enum cbor_found cbor_find(const uint8_t *bytes, uint32_t count, const char *key,
                          struct cbor_value *value);
// Copies a text, whether whole or in pieces, out of a map that cbor_find has read; its length.
uint32_t cbor_copy_text(const struct cbor_value *value, uint8_t *to);

struct cbor_writer {
  uint8_t *start;
  uint32_t length;
};

void cbor_write_map(struct cbor_writer *writer, uint32_t entries);
void cbor_write_list(struct cbor_writer *writer, uint32_t entries);
void cbor_write_text(struct cbor_writer *writer, const char *text);
void cbor_write_text_head(struct cbor_writer *writer, uint32_t bytes);
void cbor_write_bytes(struct cbor_writer *writer, const void *bytes, uint32_t count);
void cbor_write_number(struct cbor_writer *writer, uint32_t number);
void cbor_write_flag(struct cbor_writer *writer, bool flag);

#endif
