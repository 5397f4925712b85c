import type { CutReport, CutVerdict } from '../../../src-main/contract/delta'
import type { IconName } from '../../components/icons'
import type { Tone } from '../handset/explain'

/** The verdicts from the best to the worst, each with where the report counts it. */
export const VERDICTS = [
  { verdict: 'completed', field: 'completed', tone: 'good', icon: 'check' },
  { verdict: 'old', field: 'old', tone: 'good', icon: 'check' },
  { verdict: 'needs-file', field: 'needsFile', tone: 'calm', icon: 'refresh' },
  { verdict: 'restorable', field: 'restorable', tone: 'caution', icon: 'warning' },
  { verdict: 'silent', field: 'silent', tone: 'bad', icon: 'error' },
  { verdict: 'stuck', field: 'stuck', tone: 'bad', icon: 'error' },
] as const satisfies readonly {
  readonly verdict: CutVerdict
  readonly field: keyof CutReport
  readonly tone: Tone
  readonly icon: IconName
}[]

/** Cuts after which software was lost for good, for a while, or without anybody noticing. */
export function lostOf({ restorable, silent, stuck, needsFile, resumed }: CutReport): number {
  return restorable + silent + stuck + (needsFile - resumed)
}

export interface CutPoint {
  readonly operation: number
  readonly kind: string
  readonly seed: number
}

/** Reads the line that replays a cut, such as `flash:torn-erase@117,seed=7`; null: not such a line. */
export function pointOf(line: string): CutPoint | null {
  const [, kind, operation, rest] = /^flash:([\w-]+)@(\d+)(.*)$/.exec(line) ?? []
  if (kind === undefined || operation === undefined) return null
  const seed = /\bseed=(\d+)/.exec(rest ?? '')?.[1]
  return { kind, operation: Number(operation), seed: Number(seed ?? 1) }
}

/** A whole number within bounds that a person wrote; null where it is none. */
export function wholeNumber(text: string, min: number, max: number): number | null {
  const number = Number(text)
  return text.trim() !== '' && Number.isInteger(number) && number >= min && number <= max
    ? number
    : null
}
