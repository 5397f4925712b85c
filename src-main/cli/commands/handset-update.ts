import type { Command } from 'commander'
import { CONTRACT_VERSION } from '../../contract/constants'
import { printableText } from '../../base/printable'
import type { ConnectionFrame } from '../../contract/app'
import type { HandsetView } from '../../contract/handsets'
import {
  runCommand,
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  type CommandContext,
  type Outcome,
} from '../cli'
import { updateText } from '../handset-carrier'
import { openServed, workbenchLost, type ServedWorkbench } from '../open-workbench'
import type { Progress } from '../progress'

interface Options {
  readonly data?: string
  readonly json?: boolean
}

/** Longer than any message of a server and what stands around it. */
const TEXT_CHARACTERS_MAX = 2048

const NOTES = `
The handset is one of a running workbench. The exit code is 0 where it has the new software or there
is none for it, 1 where the update failed. Ctrl-C ends an update whose rewrite has not begun.`

export function addHandsetUpdateCommand(handset: Command): void {
  handset
    .command('update')
    .description('Has a virtual handset ask its carrier for an update, and get it')
    .argument('<name>', 'of the handset')
    .option('--data <dir>', 'data folder of the workbench')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', NOTES)
    .action((name: string, options: Options) =>
      runCommand(options, async context => {
        const workbench = await openServed(options.data, 'Virtual handsets live')
        try {
          return await updateNamed(workbench, name, context)
        } finally {
          await workbench.close()
        }
      }),
    )
}

async function updateNamed(
  { app, handsets }: ServedWorkbench,
  name: string,
  { signal, progress }: CommandContext,
): Promise<Outcome> {
  const cancel = () => void handsets.cancelUpdate({ name }).catch(() => undefined)
  const frames = await app.connect({ contract: CONTRACT_VERSION })
  signal.addEventListener('abort', cancel)
  try {
    // Nothing that changes from here on is missed.
    const { update: begun } = await handsets.update({ name })
    if (signal.aborted) cancel()
    for await (const frame of frames) {
      for (const view of viewsIn(frame, name)) {
        if (view.update?.startedAt !== begun?.startedAt) continue
        if ((view.update?.totalBytes ?? 0) > 0) progress.show(progressOf(view))
        if (view.update && view.update.endedAt !== null) return outcomeOf(view, signal.aborted)
      }
    }
    throw workbenchLost()
  } finally {
    signal.removeEventListener('abort', cancel)
    await frames.return?.()
  }
}

/** Of the handset, oldest first. */
function viewsIn(frame: ConnectionFrame, name: string): HandsetView[] {
  if (frame.kind === 'hello') return []
  if (frame.kind === 'snapshot') return frame.snapshot.handsets.filter(each => each.name === name)
  return frame.events.flatMap(event =>
    event.kind === 'handset-changed' && event.handset.name === name ? [event.handset] : [],
  )
}

function progressOf({ state, update }: HandsetView): Progress {
  return {
    what: state,
    done: update?.doneBytes ?? 0,
    total: update?.totalBytes ?? 0,
    rate: update?.bytesPerSecond ?? 0,
    secondsLeft: update?.secondsLeft ?? null,
  }
}

function outcomeOf({ name, state, software, update }: HandsetView, aborted: boolean): Outcome {
  const isDone = update?.outcome === 'updated' || update?.outcome === 'no-update'
  // Names and reasons are the server's words.
  const text = update ? printableText(`${name}: ${updateText(update)}`, TEXT_CHARACTERS_MAX) : ''
  const exitCode = isDone ? 0 : aborted ? EXIT_INTERRUPTED : EXIT_FAILED
  return { json: { name, state, software, ...update }, text, exitCode }
}
