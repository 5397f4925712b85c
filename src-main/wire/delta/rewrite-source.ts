import type { ReadOld } from './predictor'

/** Bytes of the old image from `start` up to, but not including, `end`. */
export interface OldRange {
  readonly start: number
  readonly end: number
}

/** One sector that is erased and written. */
export interface RewriteStep {
  /** Number of the sector from the start of the executable region. */
  readonly sector: number
  /** Bytes of the new image in it, from its start on; what follows stays erased. */
  readonly bytes: number
  /**
   * Old bytes of this very sector that this step or the next one needs; empty (`start` = `end`)
   * where neither does. They are in the backup before the sector is erased.
   */
  readonly backup: OldRange
}

/** What rewriting in place does to a region, in the order in which it does it. */
export interface RewritePlan {
  readonly sectorBytes: number
  /** 0: the file holds the whole new image and takes any old one. */
  readonly oldBytes: number
  readonly oldDigest: Uint8Array
  readonly newBytes: number
  readonly newDigest: Uint8Array
  /**
   * Old bytes that are needed later than one step after their sector was overwritten. They are
   * packed into the stash, one range after the other, before anything is erased.
   */
  readonly stash: readonly OldRange[]
  /** Sectors that do not change have no step. */
  readonly steps: readonly RewriteStep[]
}

/**
 * Where the new content of each step comes from. At step k an old byte of a sector that
 * - has no step, or a step after k, is where it always was;
 * - belongs to step k or k - 1 is in the backup of that step;
 * - belongs to an earlier step is in the stash.
 */
export interface RewriteSource {
  readonly plan: RewritePlan
  /**
   * The new content of a step, in order; a piece is good until the next one is asked for. A source
   * that decodes a file as it goes gives the steps in rising order only, each to its end; those that
   * are left out read no old bytes.
   */
  pieces(step: number, readOld: ReadOld): Iterable<Uint8Array>
}
