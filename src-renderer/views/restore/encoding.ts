import { computed, type WritableComputedRef } from 'vue'
import type { EncodingChoice } from '../../../src-main/contract/restore'
import { useLayout } from '../../composables/layout'

/** How packets may lie on the line. */
export const ENCODINGS = ['auto', 'console', 'raw'] as const satisfies readonly EncodingChoice[]

/** The settings remember its number. */
export function useEncoding(): WritableComputedRef<EncodingChoice> {
  const number = useLayout('bench.encoding', 0)
  return computed({
    get: () => ENCODINGS[number.value] ?? ENCODINGS[0],
    set: encoding => (number.value = ENCODINGS.indexOf(encoding)),
  })
}
