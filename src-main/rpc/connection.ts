import { CodedError } from '../base/coded-error'
import type { ConnectionFrame, Snapshot, WorkbenchEvent } from '../contract/app'
import { CONTRACT_VERSION } from '../contract/constants'
import { EventsQueue } from './events-queue'
import type { WorkbenchServices } from './services'

/** Events that happen within so many milliseconds travel together. */
const BATCH_MS = 30
const QUEUE_LIMIT = 5000
const SNAPSHOT_TRACE_ENTRIES = 500
const SNAPSHOT_RESTORES = 50
const SNAPSHOT_UPDATES = 100
const SNAPSHOT_ROLLOUTS = 100
const SNAPSHOT_MAILS = 100

export interface ConnectionOptions {
  readonly services: WorkbenchServices
  /** The contract version of the other side. */
  readonly contract: number
  /** Aborted when the other side leaves. */
  readonly signal: AbortSignal
  readonly queueLimit?: number
}

/**
 * Hello, then a snapshot, then what changes, in batches; another snapshot follows where the reader
 * fell too far behind. Throws `CONTRACT_MISMATCH` to a side of another version.
 */
export async function* connect(options: ConnectionOptions): AsyncGenerator<ConnectionFrame> {
  const { services, contract, signal } = options
  if (contract !== CONTRACT_VERSION) {
    throw new CodedError(
      'CONTRACT_MISMATCH',
      `The window speaks version ${contract} of the contract, the main process version ${CONTRACT_VERSION}; reload the window.`,
      { window: contract, main: CONTRACT_VERSION },
    )
  }
  const queue = new EventsQueue(options.queueLimit ?? QUEUE_LIMIT)
  // Subscribed before the snapshot is taken: what changes meanwhile comes twice, never not at all.
  const unsubscribe = services.events.subscribe(event => queue.push(event))
  signal.addEventListener('abort', () => queue.end(), { once: true })
  try {
    yield { kind: 'hello', hello: services.app.hello() }
    let shown = await takeSnapshot(services)
    yield { kind: 'snapshot', snapshot: shown }
    for (;;) {
      await queue.filled()
      await new Promise(done => setTimeout(done, BATCH_MS))
      if (queue.ended) return
      const events = queue.take()
      if (events) {
        const news = sinceSnapshot(shown, events)
        if (news.length > 0) yield { kind: 'events', events: news }
      } else {
        shown = await takeSnapshot(services)
        yield { kind: 'snapshot', snapshot: shown }
      }
    }
  } finally {
    unsubscribe()
  }
}

async function takeSnapshot(services: WorkbenchServices): Promise<Snapshot> {
  const { app, carrier, delta, handsets, images, restore, trace, clock } = services
  const { vendor, rollouts, mail, network } = services
  return {
    settings: await app.settings(),
    notices: await app.notices(),
    handsets: await handsets.list(),
    images: await images.list(),
    restores: await restore.list({ limit: SNAPSHOT_RESTORES }),
    releases: await carrier.releases(),
    devices: await carrier.devices(),
    updates: await carrier.updates({ limit: SNAPSHOT_UPDATES }),
    deltaJobs: await delta.jobs(),
    vendors: await vendor.list(),
    rollouts: await rollouts.rollouts({ limit: SNAPSHOT_ROLLOUTS }),
    mails: await mail.list({ limit: SNAPSHOT_MAILS }),
    networkDevices: await network.devices(),
    fleets: await network.fleets(),
    trace: await trace.list({ limit: SNAPSHOT_TRACE_ENTRIES }),
    clock: { kind: clock.kind, now: clock.now() },
  }
}

/** Every other event says how a thing is now and does no harm twice; a trace entry would. */
function sinceSnapshot(snapshot: Snapshot, events: readonly WorkbenchEvent[]): WorkbenchEvent[] {
  const last = snapshot.trace.at(-1)?.sequence ?? 0
  return events.flatMap((event): WorkbenchEvent[] => {
    if (event.kind !== 'trace-appended') return [event]
    const entries = event.entries.filter(entry => entry.sequence > last)
    return entries.length === 0 ? [] : [{ ...event, entries }]
  })
}
