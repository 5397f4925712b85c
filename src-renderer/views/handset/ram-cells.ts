import type { HandsetState, HandsetView } from '../../../src-main/contract/handsets'
import type { CellShape } from '../../components/memory/cells'
import type { CellKind } from '../../components/memory/layers'

export type Ram = HandsetView['ram']
export type RamTask = Ram['tasks'][number]

export const RAM_LOOKS: Partial<Record<CellKind, CellShape>> = {
  exempt: 'full',
  task: 'nested',
  limited: 'hatch',
  secured: 'cross',
  received: 'diamond',
  handover: 'dot',
  empty: 'ring',
}

/** Who holds a block of the RAM. */
export type RamHolder =
  | { readonly kind: 'exempt' | 'task' | 'limited'; readonly task: RamTask }
  | { readonly kind: 'secured' | 'received' | 'handover' }
  /** Free. */
  | { readonly kind: 'empty' }

/**
 * The holder of an address; the secured area lies over what it was taken from. So many bytes from
 * its start are filled with the update file.
 */
export function ramHolder(
  { secured, handover, tasks }: Ram,
  at: number,
  receivedBytes = 0,
): RamHolder {
  if (secured && contains(secured, at)) {
    return { kind: at < secured.address + receivedBytes ? 'received' : 'secured' }
  }
  const task = tasks.find(one => contains(one, at))
  if (task) {
    if (task.limited) return { kind: 'limited', task }
    return { kind: task.limitRank === null ? 'exempt' : 'task', task }
  }
  return { kind: contains(handover, at) ? 'handover' : 'empty' }
}

const TASKLESS: readonly HandsetState[] = [
  'off',
  'rewriting',
  'judging',
  'needs-file',
  'restore-wait',
  'restore-linked',
  'restore-writing',
  'restore-verifying',
]

/** Whether the software runs, and with it the tasks that hold RAM. */
export function runsTasks({ state, reason }: Pick<HandsetView, 'state' | 'reason'>): boolean {
  // In restore mode a file is received too, to finish a rewrite that was cut off.
  return reason === null && !TASKLESS.includes(state)
}

/** Tasks are software: where none runs, they hold nothing. */
export function ramInUse(ram: Ram, runs: boolean): Ram {
  return runs ? ram : { ...ram, tasks: [] }
}

/** Blocks at which the holder changes. */
export function ramBorders(ram: Ram, blockBytes: number): number[] {
  const areas = [...ram.tasks, ram.secured, ram.handover].filter(area => area !== null)
  const places = areas.flatMap(({ address, bytes }) => [address, address + bytes])
  const blocks = places.map(place => Math.floor((place - ram.address) / blockBytes))
  const count = Math.ceil(ram.bytes / blockBytes)
  return [...new Set(blocks)].filter(block => block > 0 && block < count)
}

/** Blocks whose count of stores has moved on. */
export function movedBlocks(before: readonly number[], after: readonly number[]): number[] {
  if (before.length !== after.length) return []
  return after.flatMap((stores, block) => (stores === before[block] ? [] : [block]))
}

/** Limited tasks in the order in which they were limited. */
export function limitedInOrder({ tasks }: Ram): RamTask[] {
  return tasks
    .filter(({ limited }) => limited)
    .toSorted((a, b) => (a.limitRank ?? 0) - (b.limitRank ?? 0))
}

function contains(area: { address: number; bytes: number } | null, at: number): boolean {
  return area !== null && at >= area.address && at < area.address + area.bytes
}
