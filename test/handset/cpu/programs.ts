// Programs as halfwords, assembled for 0x10010200; constants follow their code.

/** Keeps the stacked program counter in the first word of the RAM, counts in the second, stays. */
export const CATCH = [
  0x9806, // ldr r0, [sp, #24]
  0x2120, // movs r1, #0x20
  0x0609, // lsls r1, r1, #24
  0x6008, // str r0, [r1]
  0x6848, // ldr r0, [r1, #4]
  0x3001, // adds r0, #1
  0x6048, // str r0, [r1, #4]
  0xe7fe, // b .
]

/** Alarm 0 at 1000 µs, interrupts masked, WFI; then TIMERAWL into the first word of the RAM. */
export const SLEEP = [
  0xb672, // cpsid i
  0x4806, // ldr r0, =0xe000e100
  0x2101, // movs r1, #1
  0x6001, // str r1, [r0]        NVIC_ISER
  0x4805, // ldr r0, =0x40054000
  0x6381, // str r1, [r0, #0x38] INTE
  0x4a05, // ldr r2, =1000
  0x6102, // str r2, [r0, #0x10] ALARM0
  0xbf30, // wfi
  0x6a83, // ldr r3, [r0, #0x28] TIMERAWL
  0x2420, // movs r4, #0x20
  0x0624, // lsls r4, r4, #24
  0x6023, // str r3, [r4]
  0xe7fe, // b .
  0xe100,
  0xe000,
  0x4000,
  0x4005,
  0x03e8,
  0x0000,
]

/** Alarm 0 at 5 µs while it runs. */
export const ALARM = [
  0x4804, // ldr r0, =0xe000e100
  0x2101, // movs r1, #1
  0x6001, // str r1, [r0]
  0x4804, // ldr r0, =0x40054000
  0x6381, // str r1, [r0, #0x38] INTE
  0x2205, // movs r2, #5
  0x6102, // str r2, [r0, #0x10] ALARM0
  0x2420, // movs r4, #0x20
  0x0624, // lsls r4, r4, #24
  0xe7fe, // b .
  0xe100,
  0xe000,
  0x4000,
  0x4005,
]
/** Its handler: TIMERAWL and INTS into the RAM. */
export const ALARM_HANDLER = [
  0x6a83, // ldr r3, [r0, #0x28] TIMERAWL
  0x6023, // str r3, [r4]
  0x6c02, // ldr r2, [r0, #0x40] INTS
  0x6062, // str r2, [r4, #4]
  0x6341, // str r1, [r0, #0x34] INTR
  0x4770, // bx lr
]

/** WFI with an interrupt that is pending and masked; then a second one; then it is let through. */
export const PENDING = [
  0xb672, // cpsid i
  0x4806, // ldr r0, =0xe000e100
  0x2101, // movs r1, #1
  0x6001, // str r1, [r0]
  0x4805, // ldr r0, =0x40054000
  0x63c1, // str r1, [r0, #0x3c] INTF
  0xbf30, // wfi
  0x2420, // movs r4, #0x20
  0x0624, // lsls r4, r4, #24
  0x6021, // str r1, [r4]
  0xbf30, // wfi
  0xb662, // cpsie i
  0xe7fe, // b .
  0x0000,
  0xe100,
  0xe000,
  0x4000,
  0x4005,
]
/** Its handler: adds what the first word of the RAM is to the second, and ends the interrupt. */
export const PENDING_HANDLER = [
  0x6822, // ldr r2, [r4]
  0x6062, // str r2, [r4, #4]
  0x2300, // movs r3, #0
  0x63c3, // str r3, [r0, #0x3c] INTF
  0x4770, // bx lr
]

/** SysTick from 0xFFFFFF on, interrupts masked, WFI; then 7 into the first word of the RAM. */
export const SYSTICK_SLEEP = [
  0xb672, // cpsid i
  0x4804, // ldr r0, =0xe000e010
  0x2107, // movs r1, #7
  0x6001, // str r1, [r0]        CSR
  0xbf30, // wfi
  0x2420, // movs r4, #0x20
  0x0624, // lsls r4, r4, #24
  0x6021, // str r1, [r4]
  0xe7fe, // b .
  0x0000,
  0xe010,
  0xe000,
]

/** SysTick that reloads 0: it is due at every cycle. */
export const SYSTICK = [
  0x4803, // ldr r0, =0xe000e010
  0x2100, // movs r1, #0
  0x6041, // str r1, [r0, #4]    RVR
  0x2105, // movs r1, #5
  0x6001, // str r1, [r0]        CSR: no interrupt
  0x6081, // str r1, [r0, #8]    CVR
  0xe7fe, // b .
  0x0000,
  0xe010,
  0xe000,
]

/** Sends back what the UART receives, by polling. */
export const ECHO = [
  0x4803, // ldr r0, =0x40034000
  0x2210, // movs r2, #0x10
  0x6981, // ldr r1, [r0, #0x18] FR
  0x4211, // tst r1, r2          RXFE
  0xd1fc, // bne
  0x6801, // ldr r1, [r0]        DR
  0x6001, // str r1, [r0]
  0xe7f9, // b
  0x4000,
  0x4003,
]

/** Sends back one byte each time that the UART's interrupt ends WFI. */
export const ECHO_ASLEEP = [
  0xb672, // cpsid i
  0x4805, // ldr r0, =0xe000e100
  0x4905, // ldr r1, =0x100000
  0x6001, // str r1, [r0]
  0x4805, // ldr r0, =0x40034000
  0x2110, // movs r1, #0x10
  0x6381, // str r1, [r0, #0x38] IMSC
  0xbf30, // wfi
  0x6802, // ldr r2, [r0]
  0x6002, // str r2, [r0]
  0xe7fb, // b
  0x0000,
  0xe100,
  0xe000,
  0x0000,
  0x0010,
  0x4000,
  0x4003,
]

/** Sends without end. */
export const FLOOD = [
  0x4801, // ldr r0, =0x40034000
  0x2178, // movs r1, #'x'
  0x6001, // str r1, [r0]
  0xe7fd, // b
  0x4000,
  0x4003,
]

/** Feeds the watchdog with 10 ms, again and again. */
export const FEED = [
  0x4801, // ldr r0, =0x40058000
  0x4902, // ldr r1, =20000
  0x6041, // str r1, [r0, #4]    LOAD
  0xe7fd, // b
  0x8000,
  0x4005,
  0x4e20,
  0x0000,
]

/** Writes scratch register 2 and asks for a reset. */
export const REQUEST = [
  0x4803, // ldr r0, =0x40058000
  0x4904, // ldr r1, =0x52545352
  0x6141, // str r1, [r0, #0x14] SCRATCH2
  0x2101, // movs r1, #1
  0x07c9, // lsls r1, r1, #31
  0x4a03, // ldr r2, =0x4005a000
  0x6011, // str r1, [r2]        CTRL, set TRIGGER
  0xe7fe, // b .
  0x8000,
  0x4005,
  0x5352,
  0x5254,
  0xa000,
  0x4005,
]

/** Asks for a reset as CMSIS does. */
export const REQUEST_AIRCR = [
  0x4801, // ldr r0, =0xe000ed0c
  0x4902, // ldr r1, =0x05fa0004
  0x6001, // str r1, [r0]
  0xe7fe, // b .
  0xed0c,
  0xe000,
  0x0004,
  0x05fa,
]

/** Switches the watchdog off, adds 1 to scratch register 0 into 7, and sleeps for ever. */
export const WATCHDOG_OFF = [
  0x4803, // ldr r0, =0x40058000
  0x2100, // movs r1, #0
  0x6001, // str r1, [r0]        CTRL
  0x68c1, // ldr r1, [r0, #0x0c] SCRATCH0
  0x3101, // adds r1, #1
  0x6281, // str r1, [r0, #0x28] SCRATCH7
  0xbf30, // wfi
  0xe7fe, // b .
  0x8000,
  0x4005,
]

/** Sleeps until an edge of pin 5; then GPIO_IN into the RAM, and counts in the second word. */
export const PINS = [
  0xb672, // cpsid i
  0x480b, // ldr r0, =0xe000e100
  0x490b, // ldr r1, =0x2000
  0x6001, // str r1, [r0]
  0x480b, // ldr r0, =0x4001c000
  0x2152, // movs r1, #0x52
  0x6181, // str r1, [r0, #0x18] pad 5: input enabled
  0x480b, // ldr r0, =0x400140f0
  0x210c, // movs r1, #0xc
  0x0509, // lsls r1, r1, #20
  0x6001, // str r1, [r0]        INTR0: no edges so far
  0x6101, // str r1, [r0, #0x10] PROC0_INTE0: both edges
  0x2420, // movs r4, #0x20
  0x0624, // lsls r4, r4, #24
  0x4d08, // ldr r5, =0xd0000000
  0xbf30, // wfi
  0x686b, // ldr r3, [r5, #4]    GPIO_IN
  0x6023, // str r3, [r4]
  0x6001, // str r1, [r0]
  0x6863, // ldr r3, [r4, #4]
  0x3301, // adds r3, #1
  0x6063, // str r3, [r4, #4]
  0xe7f7, // b
  0x0000,
  0xe100,
  0xe000,
  0x2000,
  0x0000,
  0xc000,
  0x4001,
  0x40f0,
  0x4001,
  0x0000,
  0xd000,
]

/** Reads flash at 0x10000400 in all widths and stores in all widths. */
export const TOUCH = [
  0x4805, // ldr r0, =0x10000400
  0x7801, // ldrb r1, [r0]
  0x8882, // ldrh r2, [r0, #4]
  0x6883, // ldr r3, [r0, #8]
  0x2420, // movs r4, #0x20
  0x0624, // lsls r4, r4, #24
  0x6023, // str r3, [r4]
  0x8062, // strh r2, [r4, #2]
  0x70e1, // strb r1, [r4, #3]
  0x4d02, // ldr r5, =0x20000800
  0x602b, // str r3, [r5]
  0xe7fe, // b .
  0x0400,
  0x1000,
  0x0800,
  0x2000,
]

/** Over SPI0: sleep out, display on, and one pixel 0xF81F. */
export const PIXEL = [
  0x480b, // ldr r0, =0x4003c000
  0x490c, // ldr r1, =0x400140cc
  0x2205, // movs r2, #5
  0x600a, // str r2, [r1]        pin 25: SIO
  0x490b, // ldr r1, =0xd0000000
  0x2201, // movs r2, #1
  0x0652, // lsls r2, r2, #25
  0x624a, // str r2, [r1, #0x24] GPIO_OE_SET
  0x2307, // movs r3, #7
  0x6003, // str r3, [r0]        8 bits
  0x618a, // str r2, [r1, #0x18] commands
  0x2311, // movs r3, #0x11
  0x6083, // str r3, [r0, #8]
  0x2329, // movs r3, #0x29
  0x6083, // str r3, [r0, #8]
  0x232c, // movs r3, #0x2c
  0x6083, // str r3, [r0, #8]
  0x614a, // str r2, [r1, #0x14] data
  0x23f8, // movs r3, #0xf8
  0x6083, // str r3, [r0, #8]
  0x231f, // movs r3, #0x1f
  0x6083, // str r3, [r0, #8]
  0xe7fe, // b .
  0x0000,
  0xc000,
  0x4003,
  0x40cc,
  0x4001,
  0x0000,
  0xd000,
]

/** Goes on after the instruction that faulted, or from CODE on where that is not in its KiB. */
export const SKIP = [
  0x9806, // ldr r0, [sp, #24]
  0x3002, // adds r0, #2
  0x4903, // ldr r1, =0x10010200
  0x1a42, // subs r2, r0, r1
  0x0a92, // lsrs r2, r2, #10
  0xd000, // beq
  0x0008, // movs r0, r1
  0x9006, // str r0, [sp, #24]
  0x4770, // bx lr
  0x0000,
  0x0200,
  0x1001,
]
