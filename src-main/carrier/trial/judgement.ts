import type { TrialProfile, TrialReport } from '../../contract/vendor'
import type { GivenAnswer } from '../../wire/device/messages'

/** Where a vendor prescribes nothing: firmware of ours echoes what it is sent. */
export const USUAL_PROFILE: TrialProfile = {
  signal: 'kintsugi trial',
  answer: 'kintsugi trial',
  waitSeconds: 60,
}

/** A test signal and its prescribed answer, which no earlier answer can be (S33, S1-46). */
export interface Question {
  readonly signal: string
  readonly prescribed: string
}

/** `nonce` ends both: who answers must have heard this very signal. */
export function questionOf({ signal, answer }: TrialProfile, nonce: string): Question {
  return { signal: `${signal} ${nonce}`, prescribed: `${answer} ${nonce}` }
}

type Software = NonNullable<GivenAnswer['software']>

/** What an answer is worth. Undefined stands for nobody who answered. */
export function judge(
  given: GivenAnswer | undefined,
  { prescribed }: Question,
  tried: Software,
): TrialReport['outcome'] {
  if (!given || given.answer === null) return 'no-answer'
  if (given.answer !== prescribed) return 'wrong-answer'
  const isRunning = given.software?.name === tried.name && given.software.version === tried.version
  return isRunning ? 'passed' : 'not-installed'
}

const SECOND_MS = 1000
const MINUTE_MS = 60_000

/**
 * How long to wait before the next signal: a second in the first minute, then longer, so that a day
 * of waiting is some hundred signals (S35).
 */
export function pauseAfter(waitedMs: number): number {
  return Math.min(MINUTE_MS, Math.max(SECOND_MS, waitedMs / 60))
}

/** What came of a trial, in words. */
export function inWords(
  outcome: TrialReport['outcome'],
  software: Software,
  waitSeconds: number,
): string {
  const named = `${software.name} ${software.version}`
  switch (outcome) {
    case 'passed':
      return `The test device answered as prescribed and runs ${named}.`
    case 'no-answer':
      return `The test device did not answer within ${waitSeconds} seconds.`
    case 'wrong-answer':
      return `Within ${waitSeconds} seconds the test device did not answer as prescribed.`
    case 'not-installed':
      return `The test device does not run ${named} after ${waitSeconds} seconds.`
  }
}
