import { onScopeDispose } from 'vue'
import { useCommands } from '../../commands/registry'
import { pickFiles } from '../../composables/pick-files'
import { saveTextFile } from '../../composables/save-file'
import { useNavigation } from '../../navigation'
import { useConnection } from '../../rpc/connection'
import { useRestore } from '../../stores/restore'
import { useBench } from './bench'
import { logText } from './log-text'

/** Commands of the Restore bench; they work from every console and lead to the bench. */
export function useBenchCommands(): void {
  const bench = useBench()
  const commands = useCommands()
  const connection = useConnection()
  const navigation = useNavigation()
  const restore = useRestore()

  /** Goes to the bench first, so that a person sees what happens. */
  const there = (work: () => unknown) => () => {
    navigation.go('restore')
    return work()
  }
  const isConnected = () => connection.isConnected

  onScopeDispose(
    commands.handle({
      'file.add-image': {
        run: there(async () => bench.addFiles(await pickFiles())),
        isEnabled: isConnected,
      },
      'restore.identify': { run: there(bench.identify), isEnabled: () => bench.canIdentify },
      'restore.plan': { run: there(bench.makePlan), isEnabled: () => bench.canPlan },
      'restore.start': { run: there(bench.start), isEnabled: () => bench.canStart },
      'restore.cancel': {
        run: there(() => bench.shownId !== null && bench.cancel(bench.shownId)),
        isEnabled: () => bench.canCancel,
      },
      'restore.save-log': {
        run: () => saveLog(bench.shownId),
        isEnabled: () => connection.isConnected && bench.shown !== null,
      },
      'restore.refresh-ports': { run: there(restore.refreshPorts), isEnabled: isConnected },
    }),
  )

  async function saveLog(id: number | null): Promise<void> {
    if (id !== null) saveTextFile(`kintsugi-restore-${id}.log`, logText(await restore.log(id)))
  }
}
