import { aarch64Branches, aarch64Pages, armBranches, thumbBranches } from './kinds-arm'
import {
  alignedPointers,
  powerpcBranches,
  relativePointers,
  riscvJumps,
  riscvPairs,
  unalignedPointers,
  x86Branches,
} from './kinds-other'
import type { PredictionKind } from './prediction'

/** All kinds. The place in this list is the bit in the file; the first that fits a place wins. */
export const PREDICTION_KINDS: readonly PredictionKind[] = [
  thumbBranches,
  armBranches,
  aarch64Branches,
  aarch64Pages,
  riscvJumps,
  riscvPairs,
  powerpcBranches,
  x86Branches,
  alignedPointers,
  unalignedPointers,
  relativePointers,
]

export const KNOWN_KINDS = 2 ** PREDICTION_KINDS.length - 1

export function kindsOf(bits: number): PredictionKind[] {
  return PREDICTION_KINDS.filter((_, index) => ((bits >> index) & 1) === 1)
}
