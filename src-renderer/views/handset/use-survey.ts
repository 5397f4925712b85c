import { computed, type ComputedRef } from 'vue'
import { FLASH_READ_BYTES_MAX } from '../../../src-main/contract/constants'
import type { HandsetView } from '../../../src-main/contract/handsets'
import { usePolling } from '../../composables/polling'
import { useHandsets } from '../../stores/handsets'
import { softwarePart, surveyOf, type RegionPart, type Survey } from './region-survey'

const PAUSE = 500
/** More than this is not read to explain a state; the map shows the rest. */
const SURVEY_BYTES_MAX = 8 * FLASH_READ_BYTES_MAX

/** The software as it lies in the flash, looked at while the handset does not run it. */
export function useSurvey(handset: () => HandsetView): ComputedRef<Survey | null> {
  const handsets = useHandsets()
  const isWanted = () => ['off', 'restore-wait', 'self-test-failed'].includes(handset().state)

  async function read(name: string): Promise<{ part: RegionPart; hex: string } | null> {
    const part = softwarePart(handset())
    if (!part) return null
    const end = part.address + Math.min(part.bytes, SURVEY_BYTES_MAX)
    let hex = ''
    for (let address = part.address; address < end; address += FLASH_READ_BYTES_MAX) {
      const length = Math.min(FLASH_READ_BYTES_MAX, end - address)
      hex += (await handsets.flash({ name, address, length })).hex
    }
    return { part, hex }
  }

  const { answer } = usePolling({
    subject: () => (isWanted() ? handset().name : null),
    ask: read,
    pause: PAUSE,
    until: () => handset().flash.operations,
  })
  return computed(() =>
    answer.value ? surveyOf(handset(), answer.value.part, answer.value.hex) : null,
  )
}
