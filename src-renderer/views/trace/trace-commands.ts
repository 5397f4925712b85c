import { nextTick, onScopeDispose } from 'vue'
import type { TraceEntry } from '../../../src-main/contract/observe'
import { useCommands } from '../../commands/registry'
import { useAnnouncer } from '../../composables/announcer'
import { useConfirm } from '../../composables/confirm'
import { saveTextFile } from '../../composables/save-file'
import { useNavigation } from '../../navigation'
import { useConnection } from '../../rpc/connection'
import { useObserve } from '../../stores/observe'
import { useText } from '../../text/i18n'
import { traceMermaid, traceSvg, traceText } from './exports'
import { useTrace } from './trace'

export const FILTER_ID = 'trace-filter'

/** Commands of the Trace; they work from every console. */
export function useTraceCommands(): void {
  const { t } = useText()
  const announcer = useAnnouncer()
  const commands = useCommands()
  const confirm = useConfirm()
  const connection = useConnection()
  const navigation = useNavigation()
  const observe = useObserve()
  const trace = useTrace()

  const save = (name: string, type: string, write: (shown: readonly TraceEntry[]) => string) => ({
    run: () => {
      saveTextFile(name, write(trace.shown), type)
      announcer.say(t('announce.exported', { name }))
    },
    isEnabled: () => trace.shown.length > 0,
  })

  async function find(): Promise<void> {
    navigation.go('trace')
    await nextTick()
    document.getElementById(FILTER_ID)?.focus()
  }

  async function clear(): Promise<void> {
    const agreed = await confirm.ask({
      title: t('trace.clearTitle'),
      text: t('trace.clearText'),
      action: t('trace.clearAction'),
    })
    if (agreed) await trace.clear()
  }

  onScopeDispose(
    commands.handle({
      'file.export-trace-svg': save('kintsugi-trace.svg', 'image/svg+xml', traceSvg),
      'file.export-trace-text': save('kintsugi-trace.txt', 'text/plain', traceText),
      'file.export-trace-mermaid': save('kintsugi-trace.mmd', 'text/plain', traceMermaid),
      'edit.find': { run: find },
      'edit.clear-trace': {
        run: clear,
        isEnabled: () => connection.isConnected && observe.entries.length > 0,
      },
      'view.follow-trace': { run: () => (trace.isFollowing = !trace.isFollowing) },
    }),
  )
}
