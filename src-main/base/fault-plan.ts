import { CodedError } from './coded-error'

/**
 * One planned fault: at the n-th time a point is passed (from 1), something of this kind happens.
 * Written on one line as `point:kind@at,name=number,…`, so that a failure prints the line that
 * replays it.
 */
export interface Fault {
  readonly point: string
  readonly kind: string
  readonly at: number
  /** What the kind leaves open, by name; left out where the line gives nothing. */
  readonly parameters?: Readonly<Record<string, number>>
}

const LINE = /^([a-z][a-z-]{0,31}):([a-z][a-z-]{0,31})@([1-9]\d{0,8})((?:,[^,]+)*)$/
const PARAMETER = /^([a-z][a-z-]{0,15})=(0|[1-9]\d{0,9})$/
const PARAMETERS_MAX = 8

/** The one way to write a fault: its parameters stand in the order of their names. */
export function formatFault(fault: Fault): string {
  const parameters = Object.entries(fault.parameters ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, number]) => `,${name}=${number}`)
  return `${fault.point}:${fault.kind}@${fault.at}${parameters.join('')}`
}

/**
 * Reads `flash:power-cut@117` or `flash:disturb@12,bits=4,seed=7`. Throws a CodedError
 * `BAD_FAULT`.
 */
export function parseFault(text: string): Fault {
  const [, point, kind, at, list = ''] = LINE.exec(text) ?? []
  if (point === undefined || kind === undefined) {
    const message = `"${text.slice(0, 80)}" is no fault: write POINT:KIND@NUMBER, such as flash:power-cut@117.`
    throw new CodedError('BAD_FAULT', message)
  }
  const fault = { point, kind, at: Number(at) }
  return list === '' ? fault : { ...fault, parameters: parseParameters(list.slice(1)) }
}

function parseParameters(list: string): Readonly<Record<string, number>> {
  const parameters = list.split(',').map((text): [string, number] => {
    const [, name, number] = PARAMETER.exec(text) ?? []
    if (name !== undefined) return [name, Number(number)]
    const message = `"${text.slice(0, 80)}" is no parameter of a fault: write NAME=NUMBER, such as seed=7.`
    throw new CodedError('BAD_FAULT', message)
  })
  const names = new Set(parameters.map(([name]) => name))
  if (names.size < parameters.length || names.size > PARAMETERS_MAX) {
    const message = `A fault takes each parameter once, and at most ${PARAMETERS_MAX} of them.`
    throw new CodedError('BAD_FAULT', message)
  }
  return Object.fromEntries(parameters)
}

/** Counts how often each point is passed and says when a planned fault strikes. */
export class FaultPlan {
  readonly #passed = new Map<string, number>()
  #faults: readonly Fault[]

  constructor(faults: readonly Fault[] = []) {
    this.#faults = faults
  }

  /**
   * Passes a point once. The fault that strikes there now is answered and used up; one that does
   * not fit what passes waits for the next time.
   */
  pass(point: string, fits: (fault: Fault) => boolean = () => true): Fault | undefined {
    const count = this.passed(point) + 1
    this.#passed.set(point, count)
    if (this.#faults.length === 0) return undefined
    const struck = this.#faults.find(fault => {
      return fault.point === point && fault.at <= count && fits(fault)
    })
    if (struck) this.#faults = this.#faults.filter(fault => fault !== struck)
    return struck
  }

  passed(point: string): number {
    return this.#passed.get(point) ?? 0
  }

  pending(): readonly Fault[] {
    return this.#faults
  }

  add(fault: Fault): void {
    this.#faults = [...this.#faults, fault]
  }

  /** Takes back every planned fault of a point, or those of one kind. */
  clear(point: string, kind?: string): void {
    this.#faults = this.#faults.filter(
      fault => fault.point !== point || (kind !== undefined && fault.kind !== kind),
    )
  }
}
