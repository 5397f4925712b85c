import type { Command } from 'commander'
import { printableText } from '../../base/printable'
import { type Rollout, taskState } from '../../contract/rollouts'
import { type RolloutOptions, rolloutOptions, settingsIn } from '../rollout-options'
import {
  done,
  doneList,
  numberIn,
  served,
  servedCommand,
  type ServedOptions,
  timeText,
  type Work,
  wordIn,
} from '../served'

interface TasksOptions extends ServedOptions {
  readonly state?: string
  readonly filter: string
  readonly offset: string
  readonly limit: string
}

type SettingsOptions = ServedOptions & RolloutOptions
type Carrier = Parameters<Work>[0]['carrier']

/** `carrier rollouts …`. */
export function addRolloutsCommand(carrier: Command): void {
  const rollouts = carrier
    .command('rollouts')
    .description("Vendors' releases at the carrier, from the notice to the last bill")
  servedCommand(rollouts, 'list', 'Lists them, newest first')
    .option('--limit <number>', 'so many at most', '50')
    .action((options: ServedOptions & { limit: string }) => run(options, list(options)))
  servedCommand(rollouts, 'show', 'Prints one with its history')
    .argument('<id>')
    .action((id: string, options: ServedOptions) => run(options, show(id)))
  rolloutOptions(
    servedCommand(rollouts, 'mark', 'Records by hand that a vendor told of a release')
      .argument('<vendor>', 'its name')
      .argument('<release>', "its number in the vendor's database"),
  ).action((vendor: string, release: string, options: SettingsOptions) =>
    run(options, mark(vendor, release, options)),
  )
  rolloutOptions(
    servedCommand(rollouts, 'configure', 'Changes settings before any device is chosen').argument(
      '<id>',
    ),
  ).action((id: string, options: SettingsOptions) => run(options, configure(id, options)))
  rolloutOptions(
    servedCommand(rollouts, 'defaults', 'Prints or changes the settings of new rollouts'),
  ).action((options: SettingsOptions) => run(options, defaults(options)))
  addSteps(rollouts)
  addTasks(rollouts)
}

/** What takes the number of a rollout and answers with the rollout. */
function addSteps(rollouts: Command): void {
  const step = (
    name: string,
    what: string,
    act: (carrier: Carrier, id: number) => Promise<Rollout>,
  ) =>
    servedCommand(rollouts, name, what)
      .argument('<id>')
      .action((id: string, options: ServedOptions) =>
        run(options, async workbench => told(await act(workbench.carrier, idIn(id)))),
      )
  step('fetch', 'Tries again to fetch', (carrier, id) => carrier.fetchRollout({ id }))
  step('pause', 'Begins nothing new', (carrier, id) => carrier.pauseRollout({ id }))
  step('resume', 'Goes on', (carrier, id) => carrier.resumeRollout({ id }))
  step('cancel', 'Ends it', (carrier, id) => carrier.cancelRollout({ id }))
}

function addTasks(rollouts: Command): void {
  servedCommand(rollouts, 'tasks', 'Lists the devices of a rollout')
    .argument('<id>')
    .option('--state <state>', 'only those in this state')
    .option('--filter <words>', 'only those with these words', '')
    .option('--offset <number>', 'leaves so many out', '0')
    .option('--limit <number>', 'so many at most', '50')
    .action((id: string, options: TasksOptions) => run(options, tasks(id, options)))
  servedCommand(rollouts, 'retry', 'Gives failed and abandoned devices another round of attempts')
    .argument('<id>')
    .argument('[deviceId...]', 'only these')
    .action((id: string, deviceIds: string[], options: ServedOptions) =>
      run(options, retry(id, deviceIds)),
    )
  servedCommand(rollouts, 'answer', 'Records the answer of a manager')
    .argument('<id>')
    .argument('<deviceId>')
    .argument('<answer>', 'yes or no')
    .action((id: string, deviceId: string, answer: string, options: ServedOptions) =>
      run(options, giveAnswer({ id, deviceId, answer })),
    )
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'The carrier lives', work)
}

function list({ limit }: { readonly limit: string }): Work {
  return async ({ carrier }) => {
    const rows = await carrier.rollouts({ limit: numberIn(limit, '--limit') })
    return doneList(rows, {
      rows,
      empty: 'There is no rollout.',
      columns: [
        ['rollout', ({ id }) => String(id)],
        ['vendor', ({ vendorName }) => vendorName],
        ['software', ({ softwareName, version }) => `${softwareName} ${version}`],
        ['revision', ({ revision }) => String(revision)],
        ['state', ({ state, isPaused }) => (isPaused ? `${state}, paused` : state)],
        ['devices', devicesText],
        ['reason', ({ reason }) => reason ?? ''],
      ],
    })
  }
}

function show(number: string): Work {
  return async ({ carrier }) => {
    const id = idIn(number)
    const [rollout, history] = await Promise.all([carrier.rollout({ id }), carrier.history({ id })])
    const steps = history.map(
      ({ at, state, reason }) =>
        `  ${timeText(at)}  ${state}${reason === null ? '' : `: ${reason}`}`,
    )
    const settings = Object.entries(rollout.settings).map(
      ([name, value]) => `  ${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    )
    const devices = devicesText(rollout)
    const lines = [
      sentence(rollout),
      `devices: ${devices === '' ? 'none' : devices}`,
      'settings:',
      ...settings,
      'history:',
      ...steps,
    ]
    return done({ rollout, history }, lines.map(line => printableText(line)).join('\n'))
  }
}

function mark(vendorName: string, release: string, options: SettingsOptions): Work {
  return async ({ carrier }) => {
    const vendorReleaseId = numberIn(release, 'A release')
    const settings = settingsIn(options)
    return told(await carrier.markNotified({ vendorName, vendorReleaseId, settings }))
  }
}

function configure(id: string, options: SettingsOptions): Work {
  return async ({ carrier }) =>
    told(await carrier.configureRollout({ id: idIn(id), settings: settingsIn(options) }))
}

function defaults(options: SettingsOptions): Work {
  return async ({ carrier }) => {
    const change = settingsIn(options)
    const isAsked = Object.keys(change).length === 0
    const settings = await (isAsked
      ? carrier.rolloutDefaults()
      : carrier.setRolloutDefaults(change))
    const lines = Object.entries(settings).map(
      ([name, value]) => `${name}: ${JSON.stringify(value)}`,
    )
    return done(settings, lines.join('\n'))
  }
}

function tasks(id: string, { state, filter, offset, limit }: TasksOptions): Work {
  return async ({ carrier }) => {
    const page = await carrier.tasks({
      id: idIn(id),
      state: state === undefined ? undefined : wordIn(state, taskState.options, '--state'),
      filter,
      offset: numberIn(offset, '--offset'),
      limit: numberIn(limit, '--limit'),
    })
    return doneList(page, {
      rows: page.rows,
      empty: 'There is no such device.',
      columns: [
        ['device', ({ deviceId }) => deviceId],
        ['manager', ({ managerName }) => managerName],
        ['state', ({ state: now }) => now],
        ['group', ({ group }) => String(group)],
        ['attempts', ({ attempts }) => String(attempts)],
        [
          'sent',
          ({ sentBytes, totalBytes }) =>
            totalBytes === null ? '' : `${sentBytes} of ${totalBytes}`,
        ],
        ['next', ({ nextAt }) => timeText(nextAt)],
        ['invoice', ({ invoiceId }) => invoiceId ?? ''],
        ['reason', ({ reason }) => reason ?? ''],
      ],
    })
  }
}

function retry(id: string, deviceIds: string[]): Work {
  return async ({ carrier }) => {
    const chosen = deviceIds.length === 0 ? {} : { deviceIds }
    const answer = await carrier.retryTasks({ id: idIn(id), ...chosen })
    return done(answer, `${answer.retried} devices are tried again.`)
  }
}

interface GivenAnswer {
  readonly id: string
  readonly deviceId: string
  readonly answer: string
}

function giveAnswer({ id, deviceId, answer: word }: GivenAnswer): Work {
  return async ({ carrier }) => {
    const answer = wordIn(word, ['yes', 'no'], 'The answer')
    const task = await carrier.answerForDevice({ id: idIn(id), deviceId, answer })
    return done(task, `${deviceId}: ${answer}; it is ${task.state} now.`)
  }
}

function told(rollout: Rollout) {
  return done(rollout, sentence(rollout))
}

function sentence({
  id,
  vendorName,
  softwareName,
  version,
  state,
  isPaused,
  reason,
}: Rollout): string {
  const pause = isPaused ? ', paused' : ''
  const why = reason === null ? '' : `: ${reason}`
  return printableText(
    `Rollout ${id}, ${softwareName} ${version} of ${vendorName}: ${state}${pause}${why}`,
  )
}

function devicesText({ tasks: byState }: Rollout): string {
  return Object.entries(byState)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')
}

function idIn(text: string): number {
  return numberIn(text, 'A rollout')
}
