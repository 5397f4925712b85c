import {
  type PredictionKind,
  type Place,
  fitsSigned,
  movedTarget,
  signExtended,
} from './prediction'

/** RISC-V: JAL, 20 bits of halfwords, scattered (Unprivileged ISA, 2.5.1). */
export const riscvJumps: PredictionKind = {
  name: 'riscv-jumps',
  step: 2,
  bytes: 4,
  predict(place) {
    const { view, at, oldAddress, newAddress } = place
    const word = view.getUint32(at, true)
    if ((word & 0x7f) !== 0x6f) return 0
    const bits =
      ((word >>> 31) << 20) |
      (((word >>> 12) & 0xff) << 12) |
      (((word >>> 20) & 1) << 11) |
      (((word >>> 21) & 0x3ff) << 1)
    const target = movedTarget(place, oldAddress + signExtended(bits, 21))
    if (target === undefined) return 0
    const offset = target - newAddress
    if (!fitsSigned(offset, 21) || (offset & 1) !== 0) return 0
    const immediate =
      (((offset >> 20) & 1) << 31) |
      (((offset >> 1) & 0x3ff) << 21) |
      (((offset >> 11) & 1) << 20) |
      (((offset >> 12) & 0xff) << 12)
    view.setUint32(at, ((word & 0xfff) | immediate) >>> 0, true)
    return 4
  },
}

const AUIPC = 0x17
const LOAD = 0x03
const ADD_IMMEDIATE = 0x13
const JUMP_REGISTER = 0x67
const STORE = 0x23

/** RISC-V: AUIPC and the instruction after it that adds the low 12 bits to its register. */
export const riscvPairs: PredictionKind = {
  name: 'riscv-pairs',
  step: 2,
  bytes: 8,
  predict(place) {
    const { view, at, oldAddress, newAddress } = place
    const upper = view.getUint32(at, true)
    const register = (upper >>> 7) & 31
    if ((upper & 0x7f) !== AUIPC || register === 0) return 0
    const lower = view.getUint32(at + 4, true)
    if (((lower >>> 15) & 31) !== register) return 0
    const low = lowPart(lower)
    if (low === undefined) return 0
    const target = movedTarget(place, oldAddress + ((upper & ~0xfff) | 0) + low)
    if (target === undefined) return 0
    const offset = target - newAddress
    const newLow = signExtended(offset & 0xfff, 12)
    view.setUint32(at, (((offset - newLow) & ~0xfff) | (upper & 0xfff)) >>> 0, true)
    view.setUint32(at + 4, withLowPart(lower, newLow) >>> 0, true)
    return 8
  },
}

function lowPart(word: number): number | undefined {
  switch (word & 0x7f) {
    case LOAD:
    case ADD_IMMEDIATE:
    case JUMP_REGISTER:
      return word >> 20
    case STORE:
      return ((word >> 25) << 5) | ((word >>> 7) & 31)
    default:
      return undefined
  }
}

function withLowPart(word: number, low: number): number {
  if ((word & 0x7f) !== STORE) return (word & 0xfffff) | (low << 20)
  return (word & 0x1fff07f) | ((low >> 5) << 25) | ((low & 31) << 7)
}

/** PowerPC: b and bl, 24 bits of words, big-endian. */
export const powerpcBranches: PredictionKind = {
  name: 'powerpc-branches',
  step: 4,
  bytes: 4,
  predict(place) {
    const { view, at, oldAddress, newAddress } = place
    const word = view.getUint32(at)
    if (word >>> 26 !== 18 || (word & 2) !== 0) return 0
    const target = movedTarget(place, oldAddress + signExtended(word & 0x3fffffc, 26))
    if (target === undefined) return 0
    const offset = target - newAddress
    if (!fitsSigned(offset, 26) || (offset & 3) !== 0) return 0
    view.setUint32(at, ((word & 0xfc000003) | (offset & 0x3fffffc)) >>> 0)
    return 4
  },
}

/** x86: CALL and JMP (E8, E9) and the conditional jumps 0F 80 to 0F 8F, with 32-bit distances. */
export const x86Branches: PredictionKind = {
  name: 'x86-branches',
  step: 1,
  bytes: 5,
  predict(place) {
    const { bytes, at, end, oldAddress, newAddress, view } = place
    const code = bytes[at] ?? 0
    const isConditional = code === 0x0f && ((bytes[at + 1] ?? 0) & 0xf0) === 0x80
    if ((code & 0xfe) !== 0xe8 && !isConditional) return 0
    const size = isConditional ? 6 : 5
    if (end - at < size) return 0
    const distance = view.getInt32(at + size - 4, true)
    const target = movedTarget(place, oldAddress + size + distance)
    if (target === undefined) return 0
    view.setInt32(at + size - 4, target - newAddress - size, true)
    return size
  },
}

/** 32-bit words at multiples of 4 that are addresses in the image. */
export const alignedPointers: PredictionKind = {
  name: 'aligned-pointers',
  step: 4,
  bytes: 4,
  usesBases: true,
  predict: predictPointer,
}

/** The same at any place, as in the instructions of x86. */
export const unalignedPointers: PredictionKind = {
  name: 'unaligned-pointers',
  step: 1,
  bytes: 4,
  usesBases: true,
  predict: predictPointer,
}

function predictPointer(place: Place): number {
  const { view, at, bases } = place
  const word = view.getUint32(at, true)
  for (const base of bases) {
    const target = movedTarget(place, (word - base) >>> 0)
    if (target === undefined) continue
    view.setUint32(at, (base + target) >>> 0, true)
    return 4
  }
  return 0
}

/** 32-bit words at multiples of 4 that count from themselves. */
export const relativePointers: PredictionKind = {
  name: 'relative-pointers',
  step: 4,
  bytes: 4,
  predict(place) {
    const { view, at, oldAddress, newAddress } = place
    const target = movedTarget(place, oldAddress + view.getInt32(at, true))
    if (target === undefined) return 0
    view.setInt32(at, target - newAddress, true)
    return 4
  },
}
