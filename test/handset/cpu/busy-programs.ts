import type { Program } from './sample-cpu'

/** Never ends: arithmetic, a multiplication, a comparison and a call. */
export const COMPUTE: Program = {
  code: [
    0x2000, //     movs r0, #0
    0x2107, //     movs r1, #7
    0x3001, // 1:  adds r0, #1
    0x4341, //     muls r1, r0
    0x4041, //     eors r1, r0
    0x00ca, //     lsls r2, r1, #3
    0x1889, //     adds r1, r1, r2
    0x0a4b, //     lsrs r3, r1, #9
    0x4299, //     cmp r1, r3
    0xd000, //     beq 2f
    0x3301, //     adds r3, #1
    0xf000, // 2:  bl 3f
    0xf801,
    0xe7f3, //     b 1b
    0x1a5b, // 3:  subs r3, r3, r1
    0x4770, //     bx lr
  ],
}

/** Never ends: loads and stores of all widths in RAM, and constants from flash. */
export const MEMORY: Program = {
  code: [
    0x4c1f, //     ldr r4, =0x20000000
    0x4d20, //     ldr r5, =0x20001000
    0x2200, //     movs r2, #0
    0x58a3, // 1:  ldr r3, [r4, r2]
    0x3305, //     adds r3, #5
    0x50ab, //     str r3, [r5, r2]
    0x5ca0, //     ldrb r0, [r4, r2]
    0x54a8, //     strb r0, [r5, r2]
    0x5aa1, //     ldrh r1, [r4, r2]
    0x52a9, //     strh r1, [r5, r2]
    0xb403, //     push {r0, r1}
    0x4e18, //     ldr r6, =0x20002000
    0xbc03, //     pop {r0, r1}
    0x3204, //     adds r2, #4
    0xb2d2, //     uxtb r2, r2
    0xe7f2, //     b 1b
  ],
  words: [0x2000_0000, 0x2000_1000, 0x2000_2000],
}
