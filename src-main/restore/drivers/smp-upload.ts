import { assertNever } from '../../base/assert'

/**
 * An image on its way to a device, piece by piece, as a machine without I/O or time (spec 2.0.3,
 * R3 and R4). The device names the offset of the byte it wants next and is always followed;
 * several pieces are under way at once, and after a loss everything from the wanted offset on is
 * sent again (go-back-N).
 */
export interface UploadState {
  readonly limits: UploadLimits
  /** What the device wants next, as far as it has told. */
  readonly wanted: number
  /** Where the next new piece begins. */
  readonly next: number
  /** Oldest first. An answer to any other piece is too late to mean anything. */
  readonly inFlight: readonly Piece[]
  readonly nextId: number
  /** How many pieces may be under way, and how long they are at the moment. */
  readonly window: number
  readonly pieceBytes: number
  /** Good answers since the last trouble, and how many of them let the pace rise again. */
  readonly calm: number
  readonly calmNeeded: number
  /** Troubles in a row without progress. */
  readonly stalls: number
  /** How often the device wanted something again that it once had: it lost its power, say. */
  readonly setbacks: number
  readonly retries: number
  /** Whether the device ever took a piece: from then on its flash is no longer what it was. */
  readonly touched: boolean
  readonly end: UploadEnd | undefined
}

export interface UploadLimits {
  readonly totalBytes: number
  /** Of a piece at offset 0, which carries length and digest as well, and of any other. */
  readonly firstPieceBytes: number
  readonly pieceBytes: number
  readonly window: number
  /** At least so much silence comes before anything is sent again. */
  readonly quietMs: number
}

export interface Piece {
  readonly id: number
  readonly offset: number
  readonly bytes: number
}

export type UploadEnd =
  /** `match`: the device's own comparison with the announced SHA-256, where it makes one. */
  | { readonly kind: 'complete'; readonly match: boolean | undefined }
  | { readonly kind: 'refused'; readonly rc: number; readonly reason: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'confused'; readonly reason: string }

export type UploadInput =
  | { readonly kind: 'started' }
  | {
      readonly kind: 'answered'
      readonly id: number
      readonly offset: number
      readonly match: boolean | undefined
    }
  | {
      readonly kind: 'refused'
      readonly id: number
      readonly rc: number
      readonly reason: string
      /** The device may take the same piece a little later. */
      readonly passing: boolean
    }
  | { readonly kind: 'senseless'; readonly id: number; readonly reason: string }
  /** Nothing came for as long as the last `wait` effect said. */
  | { readonly kind: 'silence' }

export type UploadEffect =
  | { readonly kind: 'send'; readonly piece: Piece }
  /** Begins the only timer anew; the time that the line needs for the bytes comes on top. */
  | { readonly kind: 'wait'; readonly milliseconds: number }

export interface UploadTransition {
  readonly state: UploadState
  readonly effects: readonly UploadEffect[]
}

/** Pieces are multiples of this: no known flash writes in larger units than 32 bytes. */
export const PIECE_UNIT_BYTES = 32
const PIECE_BYTES_MIN = 64
/** With length and digest two console lines: some devices take no more, whatever they say. */
const SHORT_PIECE_BYTES = 96
const STALLS_MAX = 4
/** The first piece is waited for much longer, so not as often. */
const FIRST_STALLS_MAX = 2
const SETBACKS_MAX = 5
/** The first piece may erase the whole region before it is answered. */
const FIRST_WAIT_MS = 10_000
/** The last piece may be answered only after the digest of the whole image. */
const LAST_WAIT_MS = 5000
const WAIT_MS = 1500
const WAIT_MAX_MS = 6000
const BUSY_WAIT_MS = 300
const CALM_NEEDED = 16
const CALM_NEEDED_MAX = 1024

/** An upload that has not begun; `from` is the first byte that the device does not hold yet. */
export function uploadOf(limits: UploadLimits, from = 0): UploadState {
  return {
    limits,
    wanted: from,
    next: from,
    inFlight: [],
    nextId: 1,
    window: limits.window,
    pieceBytes: limits.pieceBytes,
    calm: 0,
    calmNeeded: CALM_NEEDED,
    stalls: 0,
    setbacks: 0,
    retries: 0,
    touched: from > 0,
    end: undefined,
  }
}

export function next(state: UploadState, input: UploadInput): UploadTransition {
  if (state.end) return { state, effects: [] }
  switch (input.kind) {
    case 'started':
      return fill(state)
    case 'answered':
      return answered(state, input)
    case 'refused':
      return refused(state, input)
    case 'senseless': {
      const isOurs = state.inFlight.some(piece => piece.id === input.id)
      return isOurs ? ended(state, { kind: 'confused', reason: input.reason }) : stay(state)
    }
    case 'silence':
      return silent(state)
    default:
      return assertNever(input)
  }
}

/** Sends as many pieces as the window allows. A piece at offset 0 goes alone. */
function fill(state: UploadState): UploadTransition {
  const { limits, window } = state
  const inFlight = [...state.inFlight]
  const effects: UploadEffect[] = []
  let { next: offset, nextId } = state
  while (inFlight.length < window && offset < limits.totalBytes && inFlight[0]?.offset !== 0) {
    const most =
      offset === 0 ? Math.min(limits.firstPieceBytes, state.pieceBytes) : state.pieceBytes
    const piece = { id: nextId++, offset, bytes: Math.min(most, limits.totalBytes - offset) }
    inFlight.push(piece)
    effects.push({ kind: 'send', piece })
    offset += piece.bytes
  }
  const filled = { ...state, inFlight, next: offset, nextId }
  return { state: filled, effects: [...effects, wait(filled)] }
}

function wait(state: UploadState): UploadEffect {
  const waitsForLast = state.next === state.limits.totalBytes
  const least = state.wanted === 0 ? FIRST_WAIT_MS : waitsForLast ? LAST_WAIT_MS : WAIT_MS
  const patient = Math.min(WAIT_MS * 2 ** state.stalls, WAIT_MAX_MS)
  return { kind: 'wait', milliseconds: Math.max(least, patient, state.limits.quietMs) }
}

function answered(
  state: UploadState,
  { id, offset, match }: Extract<UploadInput, { kind: 'answered' }>,
): UploadTransition {
  const at = state.inFlight.findIndex(piece => piece.id === id)
  const piece = state.inFlight[at]
  if (!piece) return stay(state)
  if (offset > state.limits.totalBytes) {
    const reason = `it asks for byte ${offset} of an image of ${state.limits.totalBytes} bytes`
    return ended(state, { kind: 'confused', reason })
  }
  // Devices answer in order: what is older was lost, or its answer was.
  const inFlight = state.inFlight.slice(at + 1)
  const told = { ...state, inFlight, wanted: offset, touched: true }
  if (offset === state.limits.totalBytes) return ended(told, { kind: 'complete', match })
  if (offset === piece.offset + piece.bytes) return fill(paced(told))
  return followed(told, state.wanted)
}

/** The device wants another byte than expected: what is under way is not what it wants. */
function followed(state: UploadState, before: number): UploadTransition {
  const retries = state.retries + (state.wanted < state.next ? 1 : 0)
  const moved = { ...state, inFlight: [], next: state.wanted, retries, calm: 0 }
  if (state.wanted > before) return fill({ ...moved, stalls: 0 })
  const stalls = state.stalls + 1
  const setbacks = state.setbacks + (state.wanted < before ? 1 : 0)
  if (stalls > STALLS_MAX || setbacks > SETBACKS_MAX) {
    const reason = `it asks for byte ${state.wanted} again and again`
    return ended(moved, { kind: 'confused', reason })
  }
  return fill({ ...moved, stalls: state.wanted < before ? 0 : stalls, setbacks })
}

/** Good answers in a row let pieces grow back to their size first, then the window. */
function paced(state: UploadState): UploadState {
  const { limits, pieceBytes, window } = state
  const calm = state.calm + 1
  if (calm < state.calmNeeded) return { ...state, calm, stalls: 0 }
  const rested = { ...state, calm: 0, stalls: 0 }
  if (pieceBytes < limits.pieceBytes) {
    return { ...rested, pieceBytes: Math.min(pieceBytes * 2, limits.pieceBytes) }
  }
  return { ...rested, window: Math.min(window + 1, limits.window) }
}

function silent(state: UploadState): UploadTransition {
  const stalls = state.stalls + 1
  const most = state.wanted === 0 ? FIRST_STALLS_MAX : STALLS_MAX
  if (stalls > most) return ended(state, { kind: 'silent' })
  const again = {
    ...slower(state),
    inFlight: [],
    next: state.wanted,
    stalls,
    retries: state.retries + 1,
  }
  return fill(again)
}

/**
 * After a loss one piece at a time; after another one shorter pieces, for devices that drop bursts
 * or take less than they say. A quarter each time gets short enough before the patience is over.
 */
function slower(state: UploadState): UploadState {
  const calmNeeded = Math.min(state.calmNeeded * 2, CALM_NEEDED_MAX)
  const rested = { ...state, calm: 0, calmNeeded }
  if (state.wanted === 0) {
    return { ...rested, window: 1, pieceBytes: Math.min(state.pieceBytes, SHORT_PIECE_BYTES) }
  }
  if (state.window > 1 && state.stalls === 0) return { ...rested, window: 1 }
  const shorter = Math.floor(state.pieceBytes / 4 / PIECE_UNIT_BYTES) * PIECE_UNIT_BYTES
  return {
    ...rested,
    window: 1,
    pieceBytes: Math.max(shorter, Math.min(PIECE_BYTES_MIN, state.pieceBytes)),
  }
}

function refused(
  state: UploadState,
  { id, rc, reason, passing }: Extract<UploadInput, { kind: 'refused' }>,
): UploadTransition {
  if (!state.inFlight.some(piece => piece.id === id)) return stay(state)
  if (!passing || state.stalls >= STALLS_MAX) {
    return ended(state, { kind: 'refused', rc, reason })
  }
  // Everything under way is given up; the end of the pause sends it again.
  const effects: UploadEffect[] = [{ kind: 'wait', milliseconds: BUSY_WAIT_MS }]
  return { state: { ...state, inFlight: [], next: state.wanted }, effects }
}

function stay(state: UploadState): UploadTransition {
  return { state, effects: [] }
}

function ended(state: UploadState, end: UploadEnd): UploadTransition {
  return { state: { ...state, inFlight: [], end }, effects: [] }
}
