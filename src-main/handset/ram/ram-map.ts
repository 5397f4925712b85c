import { invariant } from '../../base/assert'
import { formatAddress } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import type { AddressRange } from '../cpu/cpu-port'
import { HANDOVER } from '../cpu/firmware-interface'
import type { HandsetModel, RamTask } from '../model/model'

/** Areas begin and end on such a boundary. */
export const RAM_AREA_ALIGNMENT = 16

export interface RamPiece extends AddressRange {
  readonly kind: 'task' | 'free' | 'secured' | 'handover'
  /** The task's, else the kind. */
  readonly name: string
  /** Of a limited task; its memory is nobody's until the area is secured. */
  readonly limited: boolean
}

/** What has to be stopped, in order, before an area can be secured. */
export interface RamPlan {
  readonly area: AddressRange
  /** Indexes into the model's tasks, by rank. */
  readonly limit: readonly number[]
}

/** Words of spec 2.0.4; `normal` stands for every state but these two of the transfer state. */
export type RamState =
  | { readonly kind: 'normal' }
  | { readonly kind: 'limiting' | 'secured'; readonly plan: RamPlan }

/**
 * Who holds which RAM (spec 2.0.1), and the securing of an area for an update file (steps U4 and
 * U10). It takes two steps, for software has to stop its tasks first: {@link plan} limits,
 * {@link secure} locks the area once all are stopped, and {@link abandon} undoes the limits where
 * they are not.
 */
export class RamMap {
  readonly #ram: HandsetModel['ram']
  #state: RamState = { kind: 'normal' }

  constructor(ram: HandsetModel['ram']) {
    this.#ram = ram
  }

  get state(): RamState['kind'] {
    return this.#state.kind
  }

  /** The area that is locked; undefined where none is. */
  get secured(): AddressRange | undefined {
    return this.#state.kind === 'secured' ? this.#state.plan.area : undefined
  }

  /** Bit n: task n is limited. */
  get limitedTasks(): number {
    if (this.#state.kind === 'normal') return 0
    return this.#state.plan.limit.reduce((tasks, index) => tasks | (1 << index), 0) >>> 0
  }

  isLimited(task: number): boolean {
    return this.#state.kind !== 'normal' && this.#state.plan.limit.includes(task)
  }

  /** Every byte of the RAM once, by rising address. */
  pieces(): RamPiece[] {
    const pieces: RamPiece[] = []
    let at = this.#ram.address
    for (const piece of [...this.#held(), nothingAt(this.#end)]) {
      if (piece.address > at) pieces.push(freePiece(at, piece.address))
      if (piece.bytes > 0) pieces.push(piece)
      at = piece.address + piece.bytes
    }
    return this.secured ? cutOut(pieces, this.secured) : pieces
  }

  /**
   * Limits tasks in the order of their rank, as few as a contiguous area of so many bytes takes,
   * and places the area on as much of their memory as it can cover. Throws a CodedError having
   * changed nothing: `RAM_INSUFFICIENT` where limiting all of them is not enough (S0-05), with
   * `wantedBytes`, `possibleBytes` and `missingBytes`, or `RAM_SECURED`.
   */
  plan(bytes: number): RamPlan {
    invariant(Number.isSafeInteger(bytes) && bytes > 0, 'an area has bytes')
    if (this.#state.kind !== 'normal') throw this.#alreadySecured()
    const ranked = this.#rankedTasks()
    const wanted = roundUp(bytes)
    for (let count = 0; count <= ranked.length; count++) {
      const limit = ranked.slice(0, count)
      const area = this.#areaWith(limit, wanted)
      if (!area) continue
      const plan = { area, limit }
      this.#state = { kind: 'limiting', plan }
      return plan
    }
    throw this.#insufficient(bytes)
  }

  /** Secures the area of the plan: every task in it is stopped, and none starts again. */
  secure(plan: RamPlan): AddressRange {
    invariant(this.holds(plan), 'its tasks are limited')
    this.#state = { kind: 'secured', plan }
    return plan.area
  }

  /** Whether a plan's limits are still those that hold. */
  holds(plan: RamPlan): boolean {
    return this.#state.kind === 'limiting' && this.#state.plan === plan
  }

  /** Undoes the limits of a plan that came to nothing. One that is no longer held has none. */
  abandon(plan: RamPlan): void {
    if (this.holds(plan)) this.release()
  }

  /** Gives the area back and lifts the limits. Does nothing where there are none. */
  release(): void {
    this.#state = { kind: 'normal' }
  }

  /** Refuses the start of a limited task: throws a CodedError `RAM_SECURED` (S0-08). */
  checkStart(task: number): void {
    if (!this.isLimited(task)) return
    const { name } = this.#task(task)
    const message = `${name} cannot start: its memory is limited until the secured area is released.`
    throw new CodedError('RAM_SECURED', message, { task: name })
  }

  /** Refuses memory that lies in the secured area: throws a CodedError `RAM_SECURED` (S0-08). */
  checkAllocation(range: AddressRange): void {
    const area = this.secured
    if (!area || overlap(area, range) === 0) return
    const message = `${range.bytes} bytes at ${formatAddress(range.address)} cannot be allocated: they lie in the secured area, ${area.bytes} bytes from ${formatAddress(area.address)} on.`
    throw new CodedError('RAM_SECURED', message, { ...range })
  }

  /** Bytes of the largest area that can be had with every task limited that may be. */
  get possibleBytes(): number {
    const runs = this.#runsWith(this.#rankedTasks())
    return Math.max(0, ...runs.map(({ bytes }) => bytes))
  }

  get #end(): number {
    return this.#ram.address + this.#ram.bytes
  }

  /** Tasks and the handover page, by rising address. */
  #held(): RamPiece[] {
    const { tasks, handoverAddress } = this.#ram
    const held = tasks.map(({ name, address, bytes }, index): RamPiece => {
      return { kind: 'task', name, address, bytes, limited: this.isLimited(index) }
    })
    if (handoverAddress === null) return held
    const page = { address: handoverAddress, bytes: HANDOVER.bytes }
    return [...held, { kind: 'handover', name: 'handover', limited: false, ...page }]
  }

  #rankedTasks(): number[] {
    return this.#ram.tasks
      .flatMap(({ limitRank }, index) => (limitRank === null ? [] : [{ limitRank, index }]))
      .toSorted((a, b) => a.limitRank - b.limitRank)
      .map(({ index }) => index)
  }

  /** An area in what is free once these tasks are limited; undefined where none is large enough. */
  #areaWith(limit: readonly number[], bytes: number): AddressRange | undefined {
    const gained = limit.map(index => this.#task(index))
    const areas = this.#runsWith(limit)
      .filter(run => run.bytes >= bytes)
      .flatMap(run => placesIn(run, bytes, gained))
      .map(area => ({ area, used: sum(gained.map(task => overlap(area, task))) }))
      .toSorted((a, b) => b.used - a.used || a.area.address - b.area.address)
    return areas[0]?.area
  }

  /** Contiguous memory that nobody holds once these tasks are limited, cut to whole units. */
  #runsWith(limit: readonly number[]): AddressRange[] {
    const kept = this.#held().filter(
      ({ kind }, index) => kind === 'handover' || !limit.includes(index),
    )
    let at = this.#ram.address
    const runs = [...kept, nothingAt(this.#end)].map(({ address, bytes }) => {
      const from = roundUp(at)
      at = address + bytes
      return { address: from, bytes: Math.max(0, roundDown(address) - from) }
    })
    return runs.filter(({ bytes }) => bytes > 0)
  }

  #insufficient(wantedBytes: number): CodedError {
    const { possibleBytes } = this
    const missingBytes = wantedBytes - possibleBytes
    const message = `${wantedBytes} bytes of RAM cannot be secured: with every task limited that may be there are ${possibleBytes}, ${missingBytes} too few.`
    return new CodedError('RAM_INSUFFICIENT', message, { wantedBytes, possibleBytes, missingBytes })
  }

  #alreadySecured(): CodedError {
    const isSecured = this.#state.kind === 'secured'
    const fact = isSecured ? 'An area of the RAM is secured' : 'An area of the RAM is being secured'
    return new CodedError('RAM_SECURED', `${fact} already. Release it first.`)
  }

  #task(index: number): RamTask {
    const task = this.#ram.tasks[index]
    invariant(task, `the model has a task ${index}`)
    return task
  }
}

/** Where an area can begin so that one of the gained parts is covered from an end of it on. */
function placesIn(run: AddressRange, bytes: number, gained: readonly AddressRange[]) {
  const last = run.address + run.bytes - bytes
  const starts = gained.flatMap(part => [part.address, part.address + part.bytes - bytes])
  const within = starts.map(start => Math.min(Math.max(roundDown(start), run.address), last))
  return [run.address, ...within].map(address => ({ address, bytes }))
}

/** The pieces with one area in the place of what they hold there. */
function cutOut(pieces: readonly RamPiece[], area: AddressRange): RamPiece[] {
  const end = area.address + area.bytes
  const secured: RamPiece = { kind: 'secured', name: 'secured', limited: false, ...area }
  const rest = pieces.flatMap(piece => {
    const pieceEnd = piece.address + piece.bytes
    const before = { ...piece, bytes: Math.min(pieceEnd, area.address) - piece.address }
    const from = Math.max(piece.address, end)
    const behind = { ...piece, address: from, bytes: pieceEnd - from }
    return [before, behind].filter(({ bytes }) => bytes > 0)
  })
  return [...rest, secured].toSorted((a, b) => a.address - b.address)
}

function freePiece(from: number, end: number): RamPiece {
  return { kind: 'free', name: 'free', address: from, bytes: end - from, limited: false }
}

/** The end of the RAM, so that what is before it is looked at like all else. */
function nothingAt(address: number): RamPiece {
  return freePiece(address, address)
}

function overlap(a: AddressRange, b: AddressRange): number {
  const end = Math.min(a.address + a.bytes, b.address + b.bytes)
  return Math.max(0, end - Math.max(a.address, b.address))
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / RAM_AREA_ALIGNMENT) * RAM_AREA_ALIGNMENT
}

function roundDown(bytes: number): number {
  return Math.floor(bytes / RAM_AREA_ALIGNMENT) * RAM_AREA_ALIGNMENT
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
