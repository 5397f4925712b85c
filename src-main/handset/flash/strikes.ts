import { invariant } from '../../base/assert'
import { formatFault, type Fault } from '../../base/fault-plan'
import { seededRandom, type Random } from '../../base/random'
import { flashFaultKind, parametersOf, type FlashFaultName } from './flash-faults'
import type { FlashStatus } from './flash-port'
import type { SectorFlaws, WeakCells } from './sector-flaws'
import {
  tearErase,
  tearInNoOrder,
  tearInOrder,
  tearProgram,
  tearRising,
  tearWord,
  tearZeroing,
} from './torn'

const BYTE_BITS = 8

/** An operation on one sector, as it was meant. */
export interface SectorOperation {
  readonly kind: 'program' | 'erase'
  /** The whole sector, before and when it is done. */
  readonly before: Uint8Array
  readonly wanted: Uint8Array
  /** The part of the sector that it reaches. */
  readonly from: number
  readonly to: number
}

/** How an operation ended that a fault struck. */
export interface Strike {
  /** The whole sector; undefined: as it was, the cells were not touched. */
  readonly after?: Uint8Array
  readonly end: 'done' | 'cut' | FlashStatus
  readonly weak?: WeakCells
  readonly weakErase?: NonNullable<SectorFlaws['weakErase']>
  /** The cells are not what the code is told. */
  readonly isAstray?: boolean
  readonly takesLongest?: boolean
  readonly wearsOut?: boolean
}

/**
 * What a fault makes of an operation: the same fault, operation and seed give the same bytes. The
 * seed counts only where the fault has none of its own.
 */
export function strike(fault: Fault, operation: SectorOperation, seed: number): Strike {
  const kind = flashFaultKind(fault.kind)
  invariant(kind, `${formatFault(fault)} is a fault of a flash`)
  const given = fault.parameters ?? {}
  const ownSeed = given['seed'] ?? seed
  return STRIKES[kind.kind](operation, {
    random: seededRandom(ownSeed),
    seed: ownSeed,
    parameter(name) {
      const { default: usual } = parametersOf(kind).find(each => each.name === name) ?? {}
      return given[name] ?? (usual === 'drawn' ? undefined : usual)
    },
  })
}

interface Draw {
  readonly random: Random
  readonly seed: number
  /** Undefined: is to be drawn. */
  readonly parameter: (name: string) => number | undefined
}

const STRIKES: Readonly<
  Record<FlashFaultName, (operation: SectorOperation, draw: Draw) => Strike>
> = {
  'power-cut': () => ({ end: 'cut' }),
  torn: (operation, { random }) => ({ end: 'cut', after: tear(operation, random) }),
  'torn-word': (operation, { random, parameter }) => {
    const change = changeOf(operation)
    return cut(operation, tearWord(change, random, parameter('word')))
  },
  'torn-buffer': (operation, { random, parameter }) => {
    const change = changeOf(operation)
    return cut(operation, tearInOrder(change, random, parameter('words')))
  },
  'torn-buffer-any': (operation, { random }) => {
    return cut(operation, tearInNoOrder(changeOf(operation), random))
  },
  'torn-erase': ({ before }, { random }) => ({ end: 'cut', after: tearErase(before, random) }),
  'torn-erase-zeroing': ({ before }, { random, parameter }) => {
    const part = { shape: parameter('shape'), bytes: parameter('bytes') }
    return { end: 'cut', after: tearZeroing(before, random, part) }
  },
  'torn-erase-rising': ({ before }, { random, parameter }) => {
    const part = { shape: parameter('shape'), bytes: parameter('bytes') }
    return { end: 'cut', after: tearRising(before, random, part) }
  },
  weak: leaveWeak,
  disturb: (operation, { random, parameter }) => {
    const after = tear(operation, random)
    for (let count = parameter('bits') ?? 0; count > 0; count--) raiseBit(operation, after, random)
    return { end: 'cut', after }
  },
  'weak-erase': ({ wanted }, { parameter, seed }) => {
    return { end: 'cut', after: wanted, weakErase: { ppm: parameter('ppm') ?? 0, seed } }
  },
  silent: () => ({ end: 'done', isAstray: true }),
  error: (operation, { random }) => {
    const end = operation.kind === 'program' ? 'program-failed' : 'erase-failed'
    return { end, after: tear(operation, random) }
  },
  protected: () => ({ end: 'protected' }),
  'timed-out': (operation, { random }) => {
    return { end: 'timed-out', after: tear(operation, random), takesLongest: true }
  },
  flip: (operation, { random, parameter }) => {
    const after = operation.wanted.slice()
    const bit = Math.min(parameter('bit') ?? bitAtRest(operation, random), bitsOf(after) - 1)
    const at = Math.floor(bit / BYTE_BITS)
    after[at] = (after[at] ?? 0) ^ (1 << (bit % BYTE_BITS))
    return { end: 'done', after, isAstray: true }
  },
  worn: ({ wanted }) => ({ end: 'done', after: wanted, wearsOut: true, takesLongest: true }),
}

function changeOf({ before, wanted, from, to }: SectorOperation) {
  return { before: before.subarray(from, to), wanted: wanted.subarray(from, to) }
}

/** The sector with what the operation left in its part of it. */
function cut({ before, from }: SectorOperation, part: Uint8Array): Strike {
  const after = before.slice()
  after.set(part, from)
  return { end: 'cut', after }
}

function tear(operation: SectorOperation, random: Random): Uint8Array {
  const { kind, before, from } = operation
  if (kind === 'erase') return tearErase(before, random)
  const after = before.slice()
  after.set(tearProgram(changeOf(operation), random), from)
  return after
}

/** Every bit that was to change is between 0 and 1. */
function leaveWeak({ before, wanted }: SectorOperation, { random, parameter, seed }: Draw): Strike {
  const readsAsDone = (parameter('new') ?? random.below(2)) === 1
  const bits = before.map((old, at) => old ^ (wanted[at] ?? old))
  return {
    end: 'cut',
    after: readsAsDone ? wanted : before.slice(),
    weak: { bits, percent: parameter('p') ?? 0, seed, powerUps: 0 },
  }
}

/** A programmed bit that the operation has nothing to do with loses its charge. */
function raiseBit({ before, from, to }: SectorOperation, after: Uint8Array, random: Random): void {
  const programmed = Array.from(before.keys()).filter(offset => {
    return (offset < from || offset >= to) && after[offset] !== 0xff
  })
  const at = programmed[random.below(programmed.length)]
  if (at === undefined) return
  const byte = after[at] ?? 0
  const zeros = Array.from({ length: BYTE_BITS }, (_, bit) => 1 << bit).filter(bit => !(byte & bit))
  after[at] = byte | (zeros[random.below(zeros.length)] ?? 0)
}

/** Outside of what is programmed, if there is an outside. */
function bitAtRest({ kind, before, from, to }: SectorOperation, random: Random): number {
  const reached = (to - from) * BYTE_BITS
  const resting = bitsOf(before) - reached
  if (kind === 'erase' || resting === 0) return random.below(bitsOf(before))
  const bit = random.below(resting)
  return bit < from * BYTE_BITS ? bit : bit + reached
}

function bitsOf(bytes: Uint8Array): number {
  return bytes.length * BYTE_BITS
}
