import { computed, type ComputedRef } from 'vue'
import type { RestoreView } from '../../../src-main/contract/restore'
import { useFormats } from '../../text/format'
import { useText } from '../../text/i18n'

/** From where an interrupted restore was taken up, or that it was begun anew; else null. */
export function useSince(restore: () => RestoreView): ComputedRef<string | null> {
  const { t } = useText()
  const formats = useFormats()
  return computed(() => {
    const { resumedFrom, startedOver, totalBytes } = restore()
    const format = formats.value
    if (startedOver !== null) return t('progress.startedOver')
    if (resumedFrom === null) return null
    return t('progress.resumedFrom', {
      from: format.number(resumedFrom),
      total: format.number(totalBytes),
    })
  })
}
