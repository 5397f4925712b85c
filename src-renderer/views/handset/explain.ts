import { formatAddress } from '../../../src-main/base/bytes'
import type { HandsetState, HandsetView } from '../../../src-main/contract/handsets'
import type { TextKey } from '../../text/keys'
import type { Survey } from './region-survey'
import { canAskForUpdate, needsFile } from './update-steps'

/** A text and its values; the console puts it into the language of the window. */
export interface Sentence {
  readonly key: TextKey
  readonly values?: Readonly<Record<string, unknown>>
}

export type Tone = 'good' | 'calm' | 'caution' | 'bad'

/** What a person can do next, best first. */
export type Offer = 'power-on' | 'restart' | 'update' | 'restore'

export interface Explanation {
  readonly tone: Tone
  /** Why the handset is in this state. */
  readonly because: readonly Sentence[]
  readonly next: Sentence | null
  readonly offers: readonly Offer[]
}

const TONES: Readonly<Record<HandsetState, Tone>> = {
  off: 'calm',
  starting: 'calm',
  normal: 'good',
  'self-test-failed': 'bad',
  limiting: 'calm',
  secured: 'calm',
  requesting: 'calm',
  receiving: 'calm',
  stored: 'calm',
  rewriting: 'caution',
  judging: 'calm',
  'needs-file': 'caution',
  'restore-wait': 'caution',
  'restore-linked': 'caution',
  'restore-writing': 'caution',
  'restore-verifying': 'caution',
}

/** In so many words: why a handset is as it is, and what to do about it. */
export function explain(
  handset: HandsetView,
  survey: Survey | null,
  before: HandsetState | null,
): Explanation {
  const { state, reason, flaw } = handset
  const tone = TONES[state]
  if (state === 'off') return { tone, ...explainOff(handset, survey, before) }
  if (state === 'self-test-failed') {
    const because: Sentence[] = [
      { key: 'handset.why.selfTest', values: { test: handset.failedSelfTest ?? '–' } },
    ]
    return { tone, because, next: { key: 'handset.next.otherSoftware' }, offers: ['restore'] }
  }
  if (isUpdateState(state)) {
    const isDecided = state === 'rewriting' || state === 'judging'
    const next = { key: `handset.next.${isDecided ? state : 'update'}` } as const
    return { tone, because: [{ key: `handset.why.${state}` }], next, offers: [] }
  }
  if (reason === null) {
    const because = [{ key: `handset.why.${state === 'normal' ? 'normal' : 'starting'}` } as const]
    return { tone, because: [...because, ...restarts(handset)], next: null, offers: [] }
  }
  if (needsFile(handset)) {
    const next = { key: `handset.next.${handset.radio ? 'needsFile' : 'needsFileRadio'}` } as const
    const canAsk = canAskForUpdate(handset)
    const offers = canAsk ? (['update', 'restore'] as const) : (['restore'] as const)
    return { tone, because: [{ key: 'handset.why.needs-file' }], next, offers }
  }
  const isAsked = reason === 'key-held' || reason === 'reset-requested'
  const next = { key: `handset.next.${isAsked ? 'restart' : 'restore'}` } as const
  return {
    tone,
    because: [
      { key: `handset.why.${reason}` },
      ...(flaw === null ? [] : [{ key: 'handset.why.flaw', values: { flaw } } as const]),
      ...restarts(handset),
      // Software that was started had been found whole: what looks like a hole is none.
      ...(isAsked || reason === 'watchdog' ? [] : findings(handset, survey)),
    ],
    next: state === 'restore-wait' ? next : { key: 'handset.next.wait' },
    offers: isAsked ? ['restart', 'restore'] : ['restore'],
  }
}

const UPDATE_STATES = [
  'limiting',
  'secured',
  'requesting',
  'receiving',
  'stored',
  'rewriting',
  'judging',
] as const

function isUpdateState(state: HandsetState): state is (typeof UPDATE_STATES)[number] {
  return UPDATE_STATES.some(one => one === state)
}

function explainOff(
  handset: HandsetView,
  survey: Survey | null,
  before: HandsetState | null,
): Omit<Explanation, 'tone'> {
  const because: TextKey = `handset.why.${whyOff(before)}`
  const found = before?.startsWith('restore') === true ? findings(handset, survey) : []
  const next = { key: 'handset.next.powerOn' } as const
  return { because: [{ key: because }, ...found], next, offers: ['power-on'] }
}

function whyOff(before: HandsetState | null) {
  if (before === 'restore-writing') return 'cutInWriting'
  if (before === 'rewriting') return 'cutInRewriting'
  return before !== null && before !== 'judging' && isUpdateState(before) ? 'cutInTransfer' : 'off'
}

/** What the CPU did wrong since the power came. */
function restarts({ fault, watchdogResets }: HandsetView): Sentence[] {
  const said: Sentence[] = []
  if (watchdogResets > 0) {
    said.push({ key: 'handset.why.watchdogResets', values: { n: watchdogResets } })
  }
  if (fault) {
    const values = { pc: formatAddress(fault.pc), address: formatAddress(fault.address ?? 0) }
    const at: TextKey = fault.address === null ? 'handset.why.faultAt' : 'handset.why.faultTouching'
    said.push({ key: `handset.fault.${fault.kind}` }, { key: at, values })
  }
  return said
}

const ADDRESSES_SHOWN = 4

/** What the flash itself shows of the damage. */
function findings({ software }: HandsetView, survey: Survey | null): Sentence[] {
  if (!survey) return []
  const said: Sentence[] = []
  if (survey.part.length > 0) {
    const values = { n: survey.part.length, addresses: addressesText(survey.part) }
    said.push({ key: 'handset.why.sectorsPart', values })
  }
  if (survey.erased.length > 0) {
    const values = { n: survey.erased.length, addresses: addressesText(survey.erased) }
    // Without a descriptor nobody knows how far the software reaches.
    const key = software ? 'handset.why.sectorsErased' : 'handset.why.sectorsBetween'
    said.push({ key, values })
  }
  return said
}

function addressesText(addresses: readonly number[]): string {
  const shown = addresses.slice(0, ADDRESSES_SHOWN).map(formatAddress).join(', ')
  return addresses.length > ADDRESSES_SHOWN ? `${shown} …` : shown
}
