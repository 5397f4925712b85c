import { computed, type ComputedRef, type Ref } from 'vue'
import type { LegendEntry } from '../../components/memory/CellLegend.vue'
import type { CellKind } from '../../components/memory/layers'
import type { TextKey } from '../../text/keys'
import { useText } from '../../text/i18n'
import { LOOKS } from './flash-cells'
import type { Overlay } from './overlay'

const ENTRIES: Readonly<Record<Overlay, readonly (readonly [CellKind, TextKey])[]>> = {
  content: [
    ['empty', 'memory.erased'],
    ['programmed', 'memory.programmed'],
    ['rewritten', 'handset.legend.rewritten'],
    ['journal', 'handset.legend.journal'],
    ['stash', 'handset.legend.stash'],
    ['backup', 'handset.legend.backup'],
  ],
  wear: [
    ['empty', 'handset.legend.worn0'],
    ['worn-1', 'handset.legend.worn1'],
    ['worn-2', 'handset.legend.worn2'],
    ['worn-3', 'handset.legend.worn3'],
    ['weak', 'handset.legend.weak'],
  ],
  execution: [
    ['executed', 'handset.legend.executed'],
    ['read', 'handset.legend.read'],
    ['both', 'handset.legend.both'],
    ['untouched', 'handset.legend.untouched'],
    ['empty', 'handset.legend.noSoftware'],
  ],
}

/** What the cells of the flash map stand for under an overlay. */
export function useFlashLegend(overlay: Ref<Overlay>): ComputedRef<LegendEntry[]> {
  const { t } = useText()
  const entry = ([kind, key]: readonly [CellKind, TextKey]): LegendEntry => {
    return { kind, shape: LOOKS[kind] ?? 'full', text: t(key) }
  }
  return computed(() => [
    ...ENTRIES[overlay.value].map(entry),
    { kind: 'changed-0', shape: 'grown', text: t('memory.changed') },
  ])
}
