// Memory and pins of the handsets, and the page in which boot code and firmware meet. The workbench
// knows the same numbers from its own side; README.md explains them.
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

// The build gives MODEL, EXECUTABLE_REGION (as the CPU sees it) and EXECUTABLE_BYTES, from the
// model's own file.
#define CPU_HERTZ 48000000

#define FLASH_WINDOW 0x10000000u
#define VECTOR_OFFSET 0x100u

// Input pins, 1 while a key is held.
#define KEY_UP 0
#define KEY_DOWN 1
#define KEY_LEFT 2
#define KEY_RIGHT 3
#define KEY_SELECT 4
#define KEY_BACK 5
#define KEY_CALL 6
#define KEY_END 7
#define KEY_0 8
#define KEY_1 9
#define KEY_2 10
#define KEY_3 11
#define KEY_4 12
#define KEY_5 13
#define KEY_6 14
#define KEY_7 15
#define KEY_8 16
#define KEY_9 17
#define KEY_STAR 18
#define KEY_HASH 19
#define KEY_COUNT 20

#define RADIO_PIN 20
#define CABLE_PIN 21
#define DOORBELL_PIN 22
#define INPUT_PIN_COUNT 23
#define DISPLAY_DATA_PIN 25

// Scratch registers of the watchdog.
#define SCRATCH_STATUS 0
#define SCRATCH_FAILED_TEST 1
#define SCRATCH_REQUEST 2
#define SCRATCH_FAULT_PC 3
#define STATUS_RUNS 0x4E55524Bu
#define STATUS_SELF_TEST_FAILED 0x4C494146u
#define REQUEST_RESTORE_MODE 0x52545352u

#define HANDOVER_ADDRESS 0x20041000u
#define HANDOVER_MAGIC 0x4F48424Bu
#define HANDOVER_VERSION 1
#define TERMINAL_ID_BYTES 32

// Offsets 0x00 to 0x3F are written by the boot code before the start; the last two words live.
struct handover {
  uint32_t magic;
  uint32_t version;
  uint32_t cause;
  uint32_t watchdog_resets;
  char terminal_id[TERMINAL_ID_BYTES];
  uint32_t image_bytes;
  uint32_t started_at;
  uint32_t reserved[2];
  volatile uint32_t limited_tasks;
  volatile uint32_t stopped_tasks;
};

#define HANDOVER ((struct handover *)HANDOVER_ADDRESS)
#define BOOT_CAUSE_POWER 0
#define BOOT_CAUSE_RESET 1
#define BOOT_CAUSE_WATCHDOG 2

#define WATCHDOG_MILLISECONDS 4000

#define DISPLAY_WIDTH 128
#define DISPLAY_HEIGHT 160

// SMP: a decoded frame (packet, two length bytes, two of CRC), and how many may be on their way.
#define SMP_BUFFER_BYTES 1024
#define SMP_BUFFER_COUNT 4

#endif
