import {
  type PredictionKind,
  type Place,
  fitsSigned,
  movedTarget,
  signExtended,
} from './prediction'

/** Thumb and Thumb-2: BL, BLX and B.W, as two halfwords (Arm v7-M reference, A7.7.12 and A7.7.18). */
export const thumbBranches: PredictionKind = {
  name: 'thumb-branches',
  step: 2,
  bytes: 4,
  predict(place) {
    const { view, at, oldAddress, newAddress } = place
    const first = view.getUint16(at, true)
    if ((first & 0xf800) !== 0xf000) return 0
    const second = view.getUint16(at + 2, true)
    // Bit 14 set: a link; bit 12 clear with it: BLX, which counts from a whole word.
    const form = second & 0xd000
    if (form !== 0xd000 && form !== 0xc000 && form !== 0x9000) return 0
    const isExchange = form === 0xc000
    const origin = (address: number) => (isExchange ? (address + 4) & ~3 : address + 4)
    const target = movedTarget(place, origin(oldAddress) + thumbOffset(first, second))
    if (target === undefined) return 0
    const offset = target - origin(newAddress)
    if (!fitsSigned(offset, 25) || (offset & (isExchange ? 3 : 1)) !== 0) return 0
    const sign = offset < 0 ? 1 : 0
    const j1 = ((offset >> 23) & 1) ^ sign ^ 1
    const j2 = ((offset >> 22) & 1) ^ sign ^ 1
    view.setUint16(at, 0xf000 | (sign << 10) | ((offset >> 12) & 0x3ff), true)
    view.setUint16(at + 2, form | (j1 << 13) | (j2 << 11) | ((offset >> 1) & 0x7ff), true)
    return 4
  },
}

/** The bits in order: sign, I1, I2, 10 bits, 11 bits, 0; I = not (J xor sign). */
function thumbOffset(first: number, second: number): number {
  const sign = (first >> 10) & 1
  const i1 = ((second >> 13) & 1) ^ sign ^ 1
  const i2 = ((second >> 11) & 1) ^ sign ^ 1
  const bits =
    (sign << 24) | (i1 << 23) | (i2 << 22) | ((first & 0x3ff) << 12) | ((second & 0x7ff) << 1)
  return signExtended(bits, 25)
}

/** ARM: B, BL and BLX, 24 bits of words, counted from two instructions on. */
export const armBranches: PredictionKind = {
  name: 'arm-branches',
  step: 4,
  bytes: 4,
  predict(place) {
    const word = place.view.getUint32(place.at, true)
    if ((word & 0x0e000000) !== 0x0a000000) return 0
    const offset = signExtended(word & 0xffffff, 24) * 4
    const target = movedTarget(place, place.oldAddress + 8 + offset)
    if (target === undefined) return 0
    return putWordOffset(place, word, { offset: target - place.newAddress - 8, bits: 24 })
  },
}

/** AArch64: B and BL, 26 bits of words. */
export const aarch64Branches: PredictionKind = {
  name: 'aarch64-branches',
  step: 4,
  bytes: 4,
  predict(place) {
    const word = place.view.getUint32(place.at, true)
    if ((word & 0x7c000000) !== 0x14000000) return 0
    const offset = signExtended(word & 0x3ffffff, 26) * 4
    const target = movedTarget(place, place.oldAddress + offset)
    if (target === undefined) return 0
    return putWordOffset(place, word, { offset: target - place.newAddress, bits: 26 })
  },
}

function putWordOffset(
  { view, at }: Place,
  word: number,
  { offset, bits }: { readonly offset: number; readonly bits: number },
): number {
  if ((offset & 3) !== 0 || !fitsSigned(offset, bits + 2)) return 0
  const mask = 2 ** bits - 1
  view.setUint32(at, ((word & ~mask) | ((offset >> 2) & mask)) >>> 0, true)
  return 4
}

const PAGE = 4096

/** AArch64: ADRP, alone or with the ADD of the low 12 bits that follows it. */
export const aarch64Pages: PredictionKind = {
  name: 'aarch64-pages',
  step: 4,
  bytes: 4,
  predict(place) {
    const { view, at, oldAddress, newAddress } = place
    const word = view.getUint32(at, true)
    if ((word & 0x9f000000) >>> 0 !== 0x90000000) return 0
    const pages = signExtended((((word >>> 5) & 0x7ffff) << 2) | ((word >>> 29) & 3), 21)
    const next = place.end - at >= 8 ? view.getUint32(at + 4, true) : 0
    const isPair = (next & 0xffc00000) >>> 0 === 0x91000000 && ((next >>> 5) & 31) === (word & 31)
    const low = isPair ? (next >>> 10) & 0xfff : 0
    const target = movedTarget(place, (Math.floor(oldAddress / PAGE) + pages) * PAGE + low)
    if (target === undefined) return 0
    const moved = Math.floor(target / PAGE) - Math.floor(newAddress / PAGE)
    if (!fitsSigned(moved, 21)) return 0
    const immediate = ((moved & 3) << 29) | (((moved >> 2) & 0x7ffff) << 5)
    view.setUint32(at, ((word & 0x9f00001f) | immediate) >>> 0, true)
    if (!isPair) return 4
    view.setUint32(at + 4, ((next & 0xffc003ff) | ((target % PAGE) << 10)) >>> 0, true)
    return 8
  },
}
