import { en } from '../../text/en'
import { useText } from '../../text/i18n'

type Steps = typeof en.steps

/** What a step means, in the language of the window; null where the label is none that is known. */
export function useStepText(): (label: string) => string | null {
  const { t } = useText()
  return label => {
    const [seed = '', step = ''] = label.split(':')
    if (seed === '0' && isStep(en.steps.update, step)) return t(`steps.update.${step}`)
    if (seed === '1' && isStep(en.steps.rollout, step)) return t(`steps.rollout.${step}`)
    return null
  }
}

function isStep<Texts extends Steps[keyof Steps]>(
  texts: Texts,
  step: string,
): step is keyof Texts & string {
  return Object.hasOwn(texts, step)
}
