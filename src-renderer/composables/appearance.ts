import { watchEffect } from 'vue'
import { useApp } from '../stores/app'
import { i18n, languageFor } from '../text/i18n'

/** Puts the theme and the language of the settings on the page. */
export function useAppearance(): void {
  const app = useApp()

  watchEffect(() => {
    const { theme } = app.settings
    const root = document.documentElement
    if (theme === 'system') delete root.dataset['theme']
    else root.dataset['theme'] = theme
  })

  watchEffect(() => {
    const language = languageFor(app.settings.language)
    i18n.global.locale.value = language
    document.documentElement.lang = language
  })
}
