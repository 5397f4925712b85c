#include "self_test.h"
#include <stdbool.h>
#include "assets.h"
#include "base64.h"
#include "board.h"
#include "calendar.h"
#include "console.h"
#include "crc.h"
#include "image.h"
#include "kernel.h"
#include "memory.h"
#include "registers.h"
#include "sha256.h"
#include "text.h"
#include "watchdog.h"

#define MEMORY_TEST_WORDS 1024

extern volatile uint32_t free_start[];

struct test {
  const char *name;
  bool (*passes)(void);
};

static bool image_is_whole(void) {
  const uint8_t *image = (const uint8_t *)EXECUTABLE_REGION;
  const uint8_t *crc = (const uint8_t *)&descriptor.crc;
  const uint8_t *behind = crc + sizeof descriptor.crc;
  if (descriptor.length > EXECUTABLE_BYTES) return false;
  uint32_t sum = crc32_add(CRC32_START, image, (uint32_t)(crc - image));
  sum = crc32_add(sum, behind, descriptor.length - (uint32_t)(behind - image));
  return crc32_end(sum) == descriptor.crc;
}

static bool memory_keeps(void) {
  static const uint32_t patterns[] = {0x00000000, 0xFFFFFFFF, 0x55555555, 0xAAAAAAAA};
  // Free memory is not ours where an update already holds it.
  if (HANDOVER->magic == HANDOVER_MAGIC && HANDOVER->limited_tasks != 0) return true;
  for (uint32_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
    for (uint32_t at = 0; at < MEMORY_TEST_WORDS; at++) free_start[at] = patterns[i] ^ at;
    for (uint32_t at = 0; at < MEMORY_TEST_WORDS; at++) {
      if (free_start[at] != (patterns[i] ^ at)) return false;
    }
  }
  return true;
}

static bool sums_are_right(void) {
  static const char digits[] = "123456789";
  char quad[4];
  base64_encode((const uint8_t *)"Man", 3, quad);
  return crc32_end(crc32_add(CRC32_START, digits, 9)) == 0xCBF43926 &&
         crc16_add(0, digits, 9) == 0x31C3 && memory_equal(quad, "TWFu", 4) &&
         base64_value('/') == 63 && base64_value('=') == BASE64_NONE;
}

static bool digest_is_right(void) {
  static const uint8_t abc[8] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
  struct sha256 hash;
  uint8_t digest[SHA256_BYTES];
  sha256_start(&hash);
  sha256_add(&hash, "abc", 3);
  sha256_end(&hash, digest);
  return memory_equal(digest, abc, sizeof abc);
}

static bool calendar_is_right(void) {
  static const struct {
    uint32_t seconds;
    struct date date;
  } known[] = {
      {0, {1970, 1, 1, 4}},
      {951782399, {2000, 2, 28, 1}},
      {951782400, {2000, 2, 29, 2}},
      {951868800, {2000, 3, 1, 3}},
      {1709164800, {2024, 2, 29, 4}},
      {1735689599, {2024, 12, 31, 2}},
      {1772323200, {2026, 3, 1, 0}},
      {4107542400, {2100, 3, 1, 1}},
  };
  for (uint32_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    struct date found = calendar_date(known[i].seconds), right = known[i].date;
    bool is_right = found.year == right.year && found.month == right.month &&
                    found.day == right.day && found.weekday == right.weekday;
    if (!is_right) return false;
  }
  return true;
}

static bool assets_are_whole(void) {
  return crc32_end(crc32_add(CRC32_START, font_rows, sizeof font_rows)) == FONT_ROWS_CRC &&
         crc32_end(crc32_add(CRC32_START, font_widths, sizeof font_widths)) == FONT_WIDTHS_CRC;
}

static bool tasks_are_apart(void) {
  uint32_t end = 0x20000000;
  for (int id = 0; id < TASK_COUNT; id++) {
    if ((uint32_t)tasks[id].memory != end || kernel_task_bytes(id) % 4096 != 0) return false;
    end += kernel_task_bytes(id);
  }
  return end == (uint32_t)free_start;
}

static const struct test tests[] = {
    {"image", image_is_whole},       {"memory", memory_keeps},      {"sums", sums_are_right},
    {"digest", digest_is_right},     {"calendar", calendar_is_right},
    {"assets", assets_are_whole},    {"tasks", tasks_are_apart},
};
#define TEST_COUNT ((int)(sizeof tests / sizeof tests[0]))

static int failed;

static void report(void) {
  if (failed == 0) {
    console_write("self-test passed: ");
    console_number(TEST_COUNT);
    console_line(" tests");
  } else {
    console_write("self-test failed: test ");
    console_number(failed);
    console_write(", ");
    console_line(tests[failed - 1].name);
  }
  WATCHDOG_SCRATCH(SCRATCH_FAILED_TEST) = (uint32_t)failed;
  WATCHDOG_SCRATCH(SCRATCH_STATUS) = failed == 0 ? STATUS_RUNS : STATUS_SELF_TEST_FAILED;
}

void self_test_run(void) {
  for (int i = 0; i < TEST_COUNT && failed == 0; i++) {
    if (!tests[i].passes()) failed = i + 1;
    watchdog_feed();
  }
  report();
}

int self_test_failed(void) {
  return failed;
}

const char *self_test_failed_name(void) {
  return failed == 0 ? "" : tests[failed - 1].name;
}
