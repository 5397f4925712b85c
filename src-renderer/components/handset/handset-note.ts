import type { HandsetView } from '../../../src-main/contract/handsets'
import { useFormats } from '../../text/format'
import { useText } from '../../text/i18n'

/** The line under the name of a handset: model, software, state, and a planned power cut. */
export function useHandsetNote(): (handset: HandsetView) => string {
  const { t } = useText()
  const format = useFormats()
  return ({ model, software, state, cutAt }) => {
    const parts = [model, t(`handsets.state.${state}`)]
    if (software) parts.splice(1, 0, software.version)
    if (cutAt !== null) parts.push(t('handsets.cutPlanned', { at: format.value.number(cutAt) }))
    return parts.join(' · ')
  }
}
