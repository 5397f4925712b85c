import type { TraceEntry } from '../../../src-main/contract/observe'
import type { Outcome } from './filter'

/** Height of a message in the list and in the diagram. */
export const ROW = 28
/** Height of the heads of both, which stay in view. */
export const HEADER = 34
const MARGIN = 70
const SPACING_MIN = 130
const LOOP = 26
const HEAD = 7

/** The columns of a sequence diagram: one lifeline an actor. */
export interface Ladder {
  readonly actors: readonly string[]
  readonly width: number
  x(actor: string): number
}

export function ladderOf(actors: readonly string[], available: number): Ladder {
  const gaps = Math.max(1, actors.length - 1)
  const spacing = Math.max(SPACING_MIN, Math.min(420, (available - 2 * MARGIN) / gaps))
  const places = new Map(actors.map((actor, index) => [actor, MARGIN + index * spacing]))
  return {
    actors,
    width: MARGIN * 2 + gaps * spacing,
    x: actor => places.get(actor) ?? MARGIN,
  }
}

export interface Arrow {
  /** The shaft; a loop where sender and receiver are the same. */
  readonly shaft: string
  /** What the shaft ends in; its shape says the outcome without colour. */
  readonly head: string
  readonly isHeadFilled: boolean
  readonly isDashed: boolean
  readonly textX: number
  /** Which part of the text stands there. */
  readonly textAnchor: 'start' | 'middle'
  readonly textY: number
  /** Room for the text. */
  readonly room: number
}

/** The arrow of a message in the row whose upper edge is `top`. */
export function arrowOf(entry: TraceEntry, top: number, ladder: Ladder): Arrow {
  const [from, to] = [ladder.x(entry.from), ladder.x(entry.to)]
  const y = top + 20
  const isLoop = from === to
  const direction = to >= from ? 1 : -1
  const end = isLoop ? from + LOOP : endOf(entry.outcome, from, to)
  const shaft = isLoop ? `M${from} ${y - 6}h${LOOP}v6` : `M${from} ${y}H${end}`
  return {
    shaft,
    ...headOf(entry.outcome, { x: end, y, direction }),
    isDashed: entry.outcome === 'lost',
    textAnchor: isLoop ? 'start' : 'middle',
    textX: isLoop ? from + LOOP + 10 : (from + to) / 2,
    textY: top + 13,
    room: isLoop ? SPACING_MIN : Math.abs(to - from) - 12,
  }
}

/** A lost message ends on the way. */
function endOf(outcome: Outcome, from: number, to: number): number {
  return outcome === 'lost' ? from + (to - from) * 0.62 : to
}

interface Tip {
  readonly x: number
  readonly y: number
  readonly direction: 1 | -1
}

function headOf(outcome: Outcome, { x, y, direction }: Tip): Pick<Arrow, 'head' | 'isHeadFilled'> {
  const back = -HEAD * direction
  switch (outcome) {
    case 'sent':
      return { head: `M${x + back} ${y - 4}L${x} ${y}l${back} 4`, isHeadFilled: false }
    case 'answered':
      return { head: `M${x} ${y}l${back} -4v8z`, isHeadFilled: true }
    case 'refused': {
      const middle = x + back
      return { head: `M${middle - 4} ${y - 4}l8 8m0-8-8 8`, isHeadFilled: false }
    }
    case 'lost':
      return { head: `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0-6 0`, isHeadFilled: false }
    case 'failed':
      return { head: `M${x + back - 5} ${y + 4}l5-9 5 9z`, isHeadFilled: true }
  }
}

/** Cuts a text to about so much room; 6.2 units a character, Japanese ones twice that. */
export function fitText(text: string, room: number): string {
  let width = 0
  let end = 0
  for (const character of text) {
    width += (character.codePointAt(0) ?? 0) > 0x2e7f ? 12 : 6.2
    if (width > room) return `${text.slice(0, Math.max(0, end - 1))}…`
    end += character.length
  }
  return text
}
