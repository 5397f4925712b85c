import { defineStore } from 'pinia'
import { ref, shallowReactive } from 'vue'
import { saveTextFile } from '../../composables/save-file'
import { base64Of } from '../../rpc/base64'
import { useHandsets } from '../../stores/handsets'
import { useOutputs } from '../../stores/outputs'
import { useFormats } from '../../text/format'
import { useText } from '../../text/i18n'
import { useRecordsTab } from './records-tab'
import { foldedLines, linesText, rawLines, type TerminalLine } from './terminal-lines'

export const LINE_ENDS = { cr: '\r', lf: '\n', crlf: '\r\n' } as const
export type LineEnd = keyof typeof LINE_ENDS

/** What the terminal shows of the handsets' output, and how it sends. */
export const useTerminal = defineStore('handset-terminal', () => {
  const { t } = useText()
  const format = useFormats()
  const handsets = useHandsets()
  const outputs = useOutputs()
  const tab = useRecordsTab()
  const isRaw = ref(false)
  const isFollowing = ref(true)
  const lineEnd = ref<LineEnd>('cr')
  /** By handset, the count of the first byte that is still shown. */
  const cleared = shallowReactive(new Map<string, number>())

  function linesFor(name: string): TerminalLine[] {
    const output = outputs.outputs.get(name)
    if (!output) return []
    const start = Math.max(0, (cleared.get(name) ?? 0) - output.from)
    const bytes = output.bytes.subarray(start)
    return isRaw.value ? rawLines(bytes) : foldedLines(bytes)
  }

  function wordsForFrames({ frames, bytes }: { frames: number; bytes: number }): string {
    const size = t('common.bytes', { n: format.value.number(bytes) }, bytes)
    return t('handset.terminal.frames', { n: format.value.number(frames), bytes: size }, frames)
  }

  function clear(name: string): void {
    const output = outputs.outputs.get(name)
    if (output) cleared.set(name, output.from + output.bytes.length)
  }

  const textOf = (name: string) => linesText(linesFor(name), wordsForFrames)

  return {
    isRaw,
    isFollowing,
    lineEnd,
    linesFor,
    wordsForFrames,
    textOf,
    clear,
    show: () => void (tab.shown = 'terminal'),
    save: (name: string) => saveTextFile(`kintsugi-${name}.log`, textOf(name)),
    send: (name: string, text: string) => {
      const bytes = new TextEncoder().encode(text + LINE_ENDS[lineEnd.value])
      return handsets.type(name, base64Of(bytes))
    },
  }
})
