// What boot code and firmware agree on; `resources/firmware/src/board.h` says the same in C, and a
// test compares the two. resources/firmware/README.md explains it.

/** Input pins. Active high: 1 while a key is held. */
export const KEY_PINS = {
  up: 0,
  down: 1,
  left: 2,
  right: 3,
  select: 4,
  back: 5,
  call: 6,
  end: 7,
  '0': 8,
  '1': 9,
  '2': 10,
  '3': 11,
  '4': 12,
  '5': 13,
  '6': 14,
  '7': 15,
  '8': 16,
  '9': 17,
  star: 18,
  hash: 19,
} as const
export type KeyName = keyof typeof KEY_PINS

/** 1 while a mobile radio cell is in reach. */
export const RADIO_PIN = 20
/** 1 while the cable is in. */
export const CABLE_PIN = 21
/** Turned over whenever {@link HANDOVER}.limitedTasks has changed. */
export const DOORBELL_PIN = 22
/** Output: 0 while a display command is sent over SPI0, 1 for its data. */
export const DISPLAY_DATA_PIN = 25

/** Words of the watchdog's scratch registers. */
export const SCRATCH = {
  /** Written by the firmware: 0 while it starts, then one of {@link STATUS}. */
  status: 0,
  /** Number of the self-test that failed. */
  failedTest: 1,
  /** {@link REQUEST_RESTORE_MODE} before a reset that is to end in restore mode. */
  request: 2,
  /** Program counter at the last HardFault that the firmware caught. */
  faultPc: 3,
} as const

/** Four ASCII characters, the first in the lowest byte. */
export const STATUS = { runs: 0x4e_55_52_4b, selfTestFailed: 0x4c_49_41_46 } as const
export const REQUEST_RESTORE_MODE = 0x52_54_53_52

/** What the boot code leaves in the last page of the RAM; offsets from the page's start. */
export const HANDOVER = {
  /** `KBHO` */
  magic: 0x00,
  version: 0x04,
  /** One of {@link BOOT_CAUSE}. */
  cause: 0x08,
  watchdogResets: 0x0c,
  /** ASCII, 0-padded, 32 bytes. */
  terminalId: 0x10,
  /** Bytes of the image that the journal vouches for; 0 where it vouches for none. */
  imageBytes: 0x30,
  /** Seconds since 1970, UTC, at the moment of the start. */
  startedAt: 0x34,
  /** Written by the boot code's side: bit n asks for task n to be stopped. */
  limitedTasks: 0x40,
  /** Written by the firmware: bit n says that task n is stopped and its memory is free. */
  stoppedTasks: 0x44,
  bytes: 0x1000,
} as const
export const HANDOVER_MAGIC = 0x4f_48_42_4b
export const HANDOVER_VERSION = 1
export const BOOT_CAUSE = { power: 0, reset: 1, watchdog: 2 } as const
export const TERMINAL_ID_BYTES = 32

/** Boot arms it so; the firmware may choose less. */
export const WATCHDOG_MILLISECONDS = 4000
/** So many watchdog resets in a row end in restore mode. */
export const WATCHDOG_RESETS_MAX = 3
