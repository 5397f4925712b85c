// Which halfwords begin an instruction of the ARMv6-M architecture (ARM DDI 0419, chapter A5).
// rp2040js runs on over the others with a warning, so they are told apart before it sees them.

export const PLAIN = 0
export const UNDEFINED = 1
export const BREAKPOINT = 2
/** Two halfwords long; {@link isWideInstruction} knows the second. */
export const WIDE = 3
/** LDRH and LDRSH: the only ones that read a halfword as data. */
export const LOADS_HALFWORD = 4

/** One of the kinds above for each first halfword. */
export const INSTRUCTION_KINDS = Uint8Array.from({ length: 0x1_0000 }, (_, code) => kindOf(code))

/** Whether two halfwords are one of the six long instructions. */
export function isWideInstruction(first: number, second: number): boolean {
  const isBranchWithLink = (second & 0xd0_00) === 0xd0_00
  if (isBranchWithLink) return true
  if ((first & 0xff_f0) === 0xf3_80) return (second & 0xff_00) === 0x88_00 // MSR
  if (first === 0xf3_ef) return (second & 0xf0_00) === 0x80_00 // MRS
  if (first !== 0xf3_bf) return false
  return [0x8f_40, 0x8f_50, 0x8f_60].includes(second & 0xff_f0) // DSB, DMB, ISB
}

function kindOf(code: number): number {
  const high = code >> 8
  if (code >> 11 === 0b1_1110) return WIDE
  if (high >= 0xe8 || high === 0xde) return UNDEFINED
  if (high === 0x47) return (code & 7) === 0 ? PLAIN : UNDEFINED // BX, BLX
  const isLoad = code >> 11 === 0b1_0001 || code >> 9 === 0b010_1101 || code >> 9 === 0b010_1111
  if (isLoad) return LOADS_HALFWORD
  return high >> 4 === 0xb ? miscellaneous(code) : PLAIN
}

/** 0xB000 to 0xBFFF. */
function miscellaneous(code: number): number {
  switch (code >> 8) {
    case 0xb0: // ADD SP, SUB SP
    case 0xb2: // SXTH, SXTB, UXTH, UXTB
    case 0xb4: // PUSH
    case 0xb5:
    case 0xbc: // POP
    case 0xbd:
      return PLAIN
    case 0xb6: // CPSIE i, CPSID i
      return code === 0xb6_62 || code === 0xb6_72 ? PLAIN : UNDEFINED
    case 0xba: // REV, REV16, REVSH
      return (code & 0xc0) === 0x80 ? UNDEFINED : PLAIN
    case 0xbe:
      return BREAKPOINT
    case 0xbf: // Hints; those without a meaning do nothing. With a mask it is IT, of Thumb-2.
      return (code & 0xf) === 0 ? PLAIN : UNDEFINED
    default:
      return UNDEFINED
  }
}
