// Where rp2040js keeps the peripherals of an RP2040, and which of them this board has.

export const TIMER = 0x4_0054
export const WATCHDOG = 0x4_0058
export const UART0 = 0x4_0034
/**
 * What the board has, by the upper bits of its address. Left out: what rp2040js runs by the host's
 * clock (PIO, RTC) or moves memory with (DMA, USB), and what nothing is connected to.
 */
export const PERIPHERALS = [
  0x4_0000, // SYSINFO
  0x4_0004, // SYSCFG
  0x4_0008, // CLOCKS
  0x4_000c, // RESETS
  0x4_0010, // PSM
  0x4_0014, // IO_BANK0
  0x4_0018, // IO_QSPI
  0x4_001c, // PADS_BANK0
  0x4_0020, // PADS_QSPI
  0x4_0024, // XOSC
  0x4_0028, // PLL_SYS
  0x4_002c, // PLL_USB
  0x4_0030, // BUSCTRL
  UART0,
  0x4_0038, // UART1
  0x4_003c, // SPI0
  0x4_0040, // SPI1
  TIMER,
  WATCHDOG,
  0x4_0060, // ROSC
  0x4_0064, // VREG_AND_CHIP_RESET
  0x4_006c, // TBMAN
]

export const PPB_PAGE = 0xe_000e
export const AIRCR = 0xd0c
export const AIRCR_KEY = 0x05fa
export const AIRCR_RESET_REQUEST = 1 << 2
export const SIO_PAGE = 0xd_0000
/** First and last offset of registers that rp2040js knows; on others it prints to the console. */
export const SIO_READABLE = [
  [0x00, 0x08],
  [0x10, 0x4c],
  [0x5c, 0x78],
  [0x80, 0xb8],
  [0xc0, 0xf8],
  [0x100, 0x17c],
] as const
export const SIO_WRITABLE = [
  [0x10, 0x4c],
  [0x60, 0x74],
  [0x80, 0x90],
  [0xac, 0xd0],
  [0xec, 0x17c],
] as const

/** Whether an offset lies in one of the ranges, both ends included. */
export function isWithin(ranges: readonly (readonly [number, number])[], offset: number): boolean {
  return ranges.some(([first, last]) => offset >= first && offset <= last)
}
