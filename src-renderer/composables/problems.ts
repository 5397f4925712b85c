import { en } from '../text/en'
import type { TextKey } from '../text/keys'
import { useText } from '../text/i18n'
import type { Problem } from '../rpc/problem'

export interface ProblemText {
  readonly what: string
  /** Null where the code is not known. */
  readonly next: string | null
  /** The facts as the workbench wrote them; null where they add nothing. */
  readonly detail: string | null
}

export type KnownCode = keyof typeof en.errors

/** A problem in the language of the window. An unknown code falls back to its message. */
export function useProblemText(): (problem: Pick<Problem, 'code' | 'message'>) => ProblemText {
  const { t } = useText()
  return ({ code, message }) => {
    if (!isKnown(code)) return { what: message, next: null, detail: null }
    const key: `errors.${KnownCode}` = `errors.${code}`
    const what = t(`${key}.what` satisfies TextKey)
    const adds = message !== en.errors[code].what && message !== ''
    return { what, next: t(`${key}.next`), detail: adds ? message : null }
  }
}

function isKnown(code: string): code is KnownCode {
  return Object.hasOwn(en.errors, code)
}
