import { CodedError } from '../../base/coded-error'
import { formatFault, type Fault } from '../../base/fault-plan'
import { seededRandom, type Random } from '../../base/random'
import {
  FLASH_FAULT_POINT,
  flashFaultKind,
  type FlashFaultName,
  parseFlashFault,
} from '../flash/flash-faults'

/**
 * Where the power fails: the first fault strikes an operation of the rewrite, each further one an
 * operation since the power came back, counted from 1.
 */
export type CutPoint = readonly [Fault, ...Fault[]]

/** An operation of the undisturbed rewrite, as far as cuts go. */
export interface CutTarget {
  readonly kind: 'program' | 'erase'
  readonly milliseconds: number
  /** Programs in words; 0 for an erase. */
  readonly words: number
  /** An entry of the journal. */
  readonly isMark: boolean
  /** The first or the last operation on a sector. */
  readonly isEdge: boolean
}

interface PointsOrder {
  readonly targets: readonly CutTarget[]
  readonly seed: number
  /** Null: every operation with every way in which it can be cut. */
  readonly count: number | null
  /** Only these; all that cut the power where it is left out. */
  readonly kinds?: readonly string[] | undefined
}

/** A series of points that can be asked for in any order; the same order gives the same ones. */
export interface PointSeries {
  readonly count: number
  at(index: number): CutPoint
}

interface Way {
  readonly kind: FlashFaultName
  readonly parameters?: Readonly<Record<string, number>>
}

const SEPARATOR = ';'
const POINTS_MAX = 10_000_000
const CUTS_MAX = 8
const GOLDEN = 0x9e37_79b1

/** Before the operation, and nine torn states of it (FAULTS 2.3: F1 to F3, F6, F7). */
const PROGRAM_WAYS: readonly Way[] = [
  { kind: 'power-cut' },
  { kind: 'torn' },
  { kind: 'torn-word', parameters: { word: 0 } },
  { kind: 'torn-word' },
  { kind: 'torn-buffer' },
  { kind: 'torn-buffer' },
  { kind: 'torn-buffer-any' },
  { kind: 'weak', parameters: { new: 0 } },
  { kind: 'weak', parameters: { new: 1 } },
  { kind: 'disturb' },
]

/** Before the operation, and eleven torn states of it (F1, F4 to F6, F8). */
const ERASE_WAYS: readonly Way[] = [
  { kind: 'power-cut' },
  { kind: 'torn-erase' },
  { kind: 'torn-erase' },
  ...[0, 1, 2].map((shape): Way => ({ kind: 'torn-erase-zeroing', parameters: { shape } })),
  ...[0, 1, 2].map((shape): Way => ({ kind: 'torn-erase-rising', parameters: { shape } })),
  { kind: 'weak', parameters: { new: 0 } },
  { kind: 'weak', parameters: { new: 1 } },
  { kind: 'weak-erase' },
]

/** A mark that reads as if it were not there, and later as if it had always been. */
const MARK_WAYS: readonly Way[] = [
  ...PROGRAM_WAYS,
  { kind: 'weak', parameters: { new: 0, p: 100 } },
  { kind: 'weak', parameters: { new: 1, p: 100 } },
]

/** Throws a CodedError `OPTION_UNFIT` where the kinds leave nothing to do. */
export function pointSeries(order: PointsOrder): PointSeries {
  const { targets, count, kinds } = order
  const fitting = targets.map(target => waysOf(target, kinds))
  const possible = targets.flatMap((_, index) => (fitting[index]?.length === 0 ? [] : [index]))
  if (possible.length === 0) {
    const message = `No operation of this rewrite can be cut by ${kinds?.join(', ')}: name another kind.`
    throw new CodedError('OPTION_UNFIT', message, { kinds: kinds?.join(', ') ?? '' })
  }
  return count === null ? everyPoint(order, fitting) : sampledPoints(order, fitting, possible)
}

export function formatPoint(point: CutPoint): string {
  return point.map(formatFault).join(SEPARATOR)
}

/**
 * Reads `flash:torn-erase@117,seed=5`, and several of them with `;` between. Throws a CodedError
 * `BAD_FAULT`.
 */
export function parsePoint(line: string): CutPoint {
  const [first, ...rest] = line.split(SEPARATOR, CUTS_MAX + 1).map(parseCut)
  if (first === undefined || rest.length >= CUTS_MAX) {
    const message = `At most ${CUTS_MAX} cuts follow one another, with "${SEPARATOR}" between them.`
    throw new CodedError('BAD_FAULT', message, { fault: line.slice(0, 80) })
  }
  return [first, ...rest]
}

/**
 * The point with the operation that it really strikes: the next one of its sort, as a fault plan
 * does it. Throws a CodedError `BAD_FAULT` where the rewrite has none.
 */
export function strikingPoint([first, ...rest]: CutPoint, targets: readonly CutTarget[]): CutPoint {
  const strikes = flashFaultKind(first.kind)?.strikes ?? 'any'
  const index = targets.findIndex(({ kind }, at) => {
    return at >= first.at - 1 && (strikes === 'any' || strikes === kind)
  })
  if (index >= 0) return [{ ...first, at: index + 1 }, ...rest]
  const message = `This rewrite has ${targets.length} flash operations; ${formatFault(first)} strikes none of them. Name an earlier one.`
  throw new CodedError('BAD_FAULT', message, { operation: first.at, operations: targets.length })
}

/** Throws a CodedError `OPTION_UNFIT` for a number of points that nobody can wait for. */
export function checkPointCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= POINTS_MAX) return
  const message = `${count} is no number of points: write 1 to ${POINTS_MAX}, or "all".`
  throw new CodedError('OPTION_UNFIT', message, { count })
}

function parseCut(line: string): Fault {
  const fault = parseFlashFault(line.trim())
  if (flashFaultKind(fault.kind)?.cutsPower === true) return seeded(fault, 1)
  const message = `${formatFault(fault)} does not cut the power; a point names a kind that does, such as flash:torn@117.`
  throw new CodedError('BAD_FAULT', message, { fault: line.slice(0, 80) })
}

/** All that chance decides comes from the line itself. */
function seeded(fault: Fault, seed: number): Fault {
  return { ...fault, parameters: { seed, ...fault.parameters } }
}

function waysOf({ kind, isMark }: CutTarget, kinds: readonly string[] | undefined): readonly Way[] {
  const all = kind === 'erase' ? ERASE_WAYS : isMark ? MARK_WAYS : PROGRAM_WAYS
  return kinds ? all.filter(way => kinds.includes(way.kind)) : all
}

function everyPoint({ seed }: PointsOrder, fitting: readonly (readonly Way[])[]): PointSeries {
  const ends = sums(fitting.map(ways => ways.length))
  return {
    count: ends.at(-1) ?? 0,
    at(index) {
      const operation = firstAbove(ends, index)
      const ways = fitting[operation] ?? []
      const way = ways[ways.length - ((ends[operation] ?? 0) - index)]
      if (!way) throw new RangeError(`There is no point ${index}.`)
      return [faultOf(way, operation, seedOf(seed, index))]
    },
  }
}

/** A third per operation, a third uniform in time, a third where it hurts (FAULTS 2.3). */
function sampledPoints(
  { targets, seed, count }: PointsOrder,
  fitting: readonly (readonly Way[])[],
  possible: readonly number[],
): PointSeries {
  const ends = sums(possible.map(index => targets[index]?.milliseconds ?? 0))
  const sore = possible.filter(index => targets[index]?.isMark || targets[index]?.isEdge)
  const pick = (from: readonly number[], random: Random) => from[random.below(from.length)] ?? 0
  const samplers: readonly ((random: Random) => number)[] = [
    random => pick(possible, random),
    random => {
      const moment = (random.below(2 ** 32) / 2 ** 32) * (ends.at(-1) ?? 0)
      return possible[Math.min(firstAbove(ends, moment), possible.length - 1)] ?? 0
    },
    random => pick(sore.length > 0 ? sore : possible, random),
  ]
  return {
    count: count ?? 0,
    at(index) {
      const random = seededRandom(seedOf(seed, index))
      const operation = samplers[index % samplers.length]?.(random) ?? 0
      const ways = fitting[operation] ?? []
      const way = ways[random.below(ways.length)] ?? { kind: 'power-cut' }
      return [faultOf(atEdge(way, targets[operation], random), operation, random.below(2 ** 32))]
    },
  }
}

/** Now and then the very first or the very last word, which a marker's digits may hang on. */
function atEdge(way: Way, target: CutTarget | undefined, random: Random): Way {
  const last = Math.max(0, (target?.words ?? 1) - 1)
  const name = way.kind === 'torn-word' ? 'word' : way.kind === 'torn-buffer' ? 'words' : undefined
  if (name === undefined || way.parameters || random.below(2) === 0) return way
  return { ...way, parameters: { [name]: random.below(2) === 0 ? 0 : last } }
}

function faultOf({ kind, parameters }: Way, operation: number, seed: number): Fault {
  return seeded(
    { point: FLASH_FAULT_POINT, kind, at: operation + 1, ...(parameters ? { parameters } : {}) },
    seed,
  )
}

function seedOf(seed: number, index: number): number {
  return seededRandom((seed + Math.imul(index + 1, GOLDEN)) >>> 0).below(2 ** 32)
}

function sums(values: readonly number[]): number[] {
  let total = 0
  return values.map(value => (total += value))
}

/** Index of the first sum that is larger. */
function firstAbove(ends: readonly number[], value: number): number {
  let [low, high] = [0, ends.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
