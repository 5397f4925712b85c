import { createI18n } from 'vue-i18n'
import type { ComputedRef } from 'vue'
import { computed } from 'vue'
import { en } from './en'
import { ja } from './ja'
import type { TextKey } from './keys'

export type Language = 'en' | 'ja'

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, ja },
})

export type Translate = (key: TextKey, values?: Record<string, unknown>, count?: number) => string

export interface Text {
  /** The text of a key with its values; `count` picks the plural and is the value `n`. */
  readonly t: Translate
  readonly language: ComputedRef<Language>
}

export function useText(): Text {
  const { t, locale } = i18n.global
  return {
    t: (key, values = {}, count) =>
      count === undefined ? t(key, values) : t(key, { n: count, ...values }, count),
    language: computed(() => (locale.value === 'ja' ? 'ja' : 'en')),
  }
}

/** The language to show: the chosen one, or the system's where it is one of ours. */
export function languageFor(chosen: 'system' | Language): Language {
  if (chosen !== 'system') return chosen
  return navigator.language.toLowerCase().startsWith('ja') ? 'ja' : 'en'
}
