import type { ComputedRef } from 'vue'
import { computed } from 'vue'
import type { HandsetUpdate, HandsetView, UpdateOutcome } from '../../../src-main/contract/handsets'
import type { IconName } from '../../components/icons'
import { useFormats } from '../../text/format'
import { useText } from '../../text/i18n'
import type { Tone } from './explain'
import { isOutdated, isUpdating, needsFile } from './update-steps'

export interface UpdateWords {
  /** Where the newest update stands, in one sentence. */
  readonly what: string
  /** What that means or how far it is; empty where nothing is to be added. */
  readonly more: string
  readonly tone: Tone
  readonly icon: IconName
  /** From 0 to 1; null while nothing is carried or written. */
  readonly share: number | null
}

const TONES: Readonly<Record<UpdateOutcome, Tone>> = {
  'no-update': 'calm',
  updated: 'good',
  'ram-insufficient': 'caution',
  'link-lost': 'caution',
  'metadata-refused': 'bad',
  'file-refused': 'bad',
  'rewrite-failed': 'bad',
  'judgement-failed': 'bad',
  cancelled: 'calm',
}
const ICONS: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  calm: 'info',
  caution: 'warning',
  bad: 'error',
}

/** The newest update of a handset in words. */
export function useUpdateWords(handset: () => HandsetView): ComputedRef<UpdateWords> {
  const { t } = useText()
  const format = useFormats()

  function offered({ target, kind, fileBytes }: HandsetUpdate): string {
    if (target === null || kind === null) return t('update.asking')
    const values = { target: `${target.name} ${target.version}`, kind: t(`update.kind.${kind}`) }
    if (fileBytes === null) return t('update.offered', values)
    return t('update.offeredSize', { ...values, bytes: format.value.size(fileBytes) })
  }

  function amount({ doneBytes, totalBytes, bytesPerSecond, secondsLeft }: HandsetUpdate): string {
    if (totalBytes === 0) return ''
    const words = format.value
    const [done, total] = [words.size(doneBytes), words.size(totalBytes)]
    const parts = [t('update.amount', { done, total })]
    if (bytesPerSecond > 0) parts.push(words.rate(bytesPerSecond))
    if (secondsLeft !== null) parts.push(t('update.left', { time: words.duration(secondsLeft) }))
    return parts.join(' · ')
  }

  function idle({ state, radio }: HandsetView): string {
    if (!radio) return t('update.noRadio')
    return t(state === 'normal' ? 'update.noneHint' : 'update.notNow')
  }

  /** What came of the newest attempt to finish what was cut off, where there was one. */
  function cutOff({ update }: HandsetView): Omit<UpdateWords, 'icon'> {
    const outcome = update?.outcome ?? 'rewrite-failed'
    const said = { tone: 'caution', share: null } as const
    if (outcome === 'no-update') {
      return { ...said, what: t('update.fileMissing'), more: t('update.after.rewrite-failed') }
    }
    const isFirst = outcome === 'rewrite-failed'
    const what = isFirst ? t('update.lostFile') : t(`update.outcome.${outcome}`)
    return { ...said, what, more: t('update.after.needs-file') }
  }

  function ended(shown: HandsetView, outcome: UpdateOutcome): Omit<UpdateWords, 'icon'> {
    const what = t(`update.outcome.${outcome}`)
    if (isOutdated(shown)) {
      return { what, more: t('update.after.outdated'), tone: 'calm', share: null }
    }
    const isUnknown = outcome === 'rewrite-failed' && shown.state === 'off'
    const more = t(`update.after.${isUnknown ? 'off' : outcome}`)
    return { what, more, tone: TONES[outcome], share: null }
  }

  function wordsOf(shown: HandsetView): Omit<UpdateWords, 'icon'> {
    const { update } = shown
    if (update && isUpdating(shown)) {
      const share = update.totalBytes > 0 ? update.doneBytes / update.totalBytes : null
      return { what: offered(update), more: amount(update), tone: 'calm', share }
    }
    if (needsFile(shown)) return cutOff(shown)
    if (!update?.outcome) {
      return { what: t('update.none'), more: idle(shown), tone: 'calm', share: null }
    }
    return ended(shown, update.outcome)
  }

  return computed(() => {
    const words = wordsOf(handset())
    return { ...words, icon: ICONS[words.tone] }
  })
}
