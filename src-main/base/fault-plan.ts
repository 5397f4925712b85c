import { CodedError } from './coded-error'

/**
 * One planned fault: at the n-th time a point is passed (from 1), something of this kind happens.
 * Written on one line as `point:kind@at`, so that a failure prints the line that replays it.
 */
export interface Fault {
  readonly point: string
  readonly kind: string
  readonly at: number
}

export function formatFault(fault: Fault): string {
  return `${fault.point}:${fault.kind}@${fault.at}`
}

/** Reads `flash:power-cut@117`. Throws a CodedError `BAD_FAULT`. */
export function parseFault(text: string): Fault {
  const match = /^([a-z][a-z-]{0,31}):([a-z][a-z-]{0,31})@([1-9]\d{0,8})$/.exec(text)
  const [, point, kind, at] = match ?? []
  if (point === undefined || kind === undefined) {
    const message = `"${text.slice(0, 80)}" is no fault: write POINT:KIND@NUMBER, such as flash:power-cut@117.`
    throw new CodedError('BAD_FAULT', message)
  }
  return { point, kind, at: Number(at) }
}

/** Counts how often each point is passed and says when a planned fault strikes. */
export class FaultPlan {
  readonly #passed = new Map<string, number>()
  #faults: readonly Fault[]

  constructor(faults: readonly Fault[] = []) {
    this.#faults = faults
  }

  /** Passes a point once. The fault that strikes there now is answered and used up. */
  pass(point: string): Fault | undefined {
    const count = this.passed(point) + 1
    this.#passed.set(point, count)
    const struck = this.#faults.find(fault => fault.point === point && fault.at === count)
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

  /** Takes back every planned fault of a point. */
  clear(point: string): void {
    this.#faults = this.#faults.filter(fault => fault.point !== point)
  }
}
