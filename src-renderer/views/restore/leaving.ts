import { onScopeDispose, watchEffect } from 'vue'
import { useRestore } from '../../stores/restore'
import { useFormats } from '../../text/format'
import { useText } from '../../text/i18n'
import { fractionOf } from './progress'

/** While a device is written: the title shows how far, and closing the window asks first. */
export function useLeaving(): void {
  const { t } = useText()
  const format = useFormats()
  const restore = useRestore()

  watchEffect(() => {
    const [first] = restore.running
    const name = t('product')
    document.title = first
      ? t('leave.title', { percent: format.value.percent(fractionOf(first)), name })
      : name
  })

  function ask(event: BeforeUnloadEvent): void {
    if (restore.running.length > 0) event.preventDefault()
  }

  window.addEventListener('beforeunload', ask)
  onScopeDispose(() => window.removeEventListener('beforeunload', ask))
}
