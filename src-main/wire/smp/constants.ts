// Simple Management Protocol, as documented by Zephyr (device_mgmt/smp_protocol, smp_transport,
// smp_groups 0 and 1) and spoken by MCUboot's serial recovery (boot/boot_serial).

export const SMP_HEADER_BYTES = 8

/** Two length bytes before the packet and two of CRC behind it, inside the base64. */
export const CONSOLE_FRAME_EXTRA_BYTES = 4
/** Marker, 124 base64 characters, newline: what mcumgr's console transport allows on one line. */
export const CONSOLE_PIECE_CHARACTERS = 124
/** What is kept of one received line. Some senders make their lines longer than 127 bytes. */
export const CONSOLE_RECEIVE_LINE_BYTES = 1024
export const FIRST_LINE_MARKER = [0x06, 0x09] as const
export const NEXT_LINE_MARKER = [0x04, 0x14] as const
export const LINE_END = 0x0a

/** A raw packet that does not go on is dropped after so much silence, as Zephyr's devices do. */
export const RAW_SILENCE_MS = 3000

/** No packet of any known server is longer; a frame that announces more is noise. */
export const MAX_PACKET_BYTES = 65_535 - 2

/** The decoded frame a server holds when it does not say (MCUboot 1024, Zephyr 384). */
export const DEFAULT_BUFFER_BYTES = 384

export const SmpOp = { read: 0, readResponse: 1, write: 2, writeResponse: 3 } as const
export type SmpOp = (typeof SmpOp)[keyof typeof SmpOp]

export const SmpGroup = { os: 0, image: 1 } as const

export const OsCommand = { echo: 0, reset: 5, parameters: 6, info: 7, bootloaderInfo: 8 } as const
export const ImageCommand = { state: 0, upload: 1, erase: 5, slotInfo: 6 } as const

/** Result codes shared by all groups (`rc`), in words and with the next step. */
export const SMP_RESULT: Readonly<Record<number, string>> = {
  0: 'no error',
  1: 'unknown error',
  2: 'the device is out of memory; send smaller pieces',
  3: 'the device refused a value; the image may be larger than its slot',
  4: 'the device timed out on its own work; try again',
  5: 'the device has no such thing',
  6: 'the device is in a state that does not allow this; reset it and try again',
  7: 'the answer would be larger than the device can send',
  8: 'the device does not support this command',
  9: 'the device received damaged data',
  10: 'the device is busy; try again',
  11: 'the device denied access',
  12: 'the device found the protocol version too old',
  13: 'the device found the protocol version too new',
}
export const SmpResult = {
  ok: 0,
  unknown: 1,
  noMemory: 2,
  badValue: 3,
  timeout: 4,
  notFound: 5,
  badState: 6,
  tooLarge: 7,
  notSupported: 8,
  corrupt: 9,
  busy: 10,
} as const
