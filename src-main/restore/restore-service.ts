import type { Kysely } from 'kysely'
import { toHex } from '../base/bytes'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type {
  EncodingChoice,
  Identity,
  LogLine,
  ProtocolChoice,
  RestoreOptions,
  RestorePlan,
  RestoreView,
  SerialPortView,
} from '../contract/restore'
import type { ByteLink, LinkOpener } from '../link/byte-link'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import type { RaiseNotice } from '../storage/notices'
import type { Schema } from '../storage/schema'
import { ActiveRestore } from './active-restore'
import { BusyPorts, portOf } from './busy-ports'
import { SmpDriver, type SmpDriverOptions } from './drivers/smp-driver'
import type { RestoreJournal } from './journal'
import { Latest } from '../base/latest'
import type { PlannedImage } from './plan'
import { RecordKeeper } from './record-keeper'
import { refuseOffset, restoreImageOf, type ImageSource } from './restore-image'
import { RestoreRun, type RestoreRunParts } from './restore-run'
import { beginning, nextView } from './restore-view'
import { RestoreStore } from './store'
import { survey } from './survey'

export interface RestoreServiceParts {
  readonly openLink: LinkOpener
  readonly listPorts: () => Promise<SerialPortView[]>
  readonly images: ImageSource
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly db: Kysely<Schema>
  /** Where interrupted restores are recorded; without one, in the database. */
  readonly journal?: RestoreJournal | undefined
  /** Tells a person of entries that cannot be read. */
  readonly raise: RaiseNotice
}

/** What a restore is asked to do. */
interface RestoreOrder {
  readonly link: string
  readonly digest: string
  readonly options: RestoreOptions
}

/** How a driver is to speak, and who hears what it notes. */
type Talk = Pick<SmpDriverOptions, 'signal'> & {
  readonly encoding: EncodingChoice
  readonly onNote?: SmpDriverOptions['onNote']
}

/** The wired restore as the contract offers it: one restore a link at a time, any number of links. */
export class RestoreService {
  readonly #parts: RestoreServiceParts
  readonly #store: RestoreStore
  readonly #journal: RestoreJournal
  readonly #active = new Map<number, ActiveRestore>()
  /** Everything that must end before the service has ended. */
  readonly #running = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()
  readonly #busyPorts = new BusyPorts()
  /** Restores of a process that was killed are closed before anything is answered. */
  readonly #ready: Promise<void>

  constructor(parts: RestoreServiceParts) {
    this.#parts = parts
    this.#store = new RestoreStore(parts.db, parts.raise)
    this.#journal = parts.journal ?? this.#store
    this.#ready = this.#closeAbandoned()
    // Every method waits for it and tells.
    this.#ready.catch(() => undefined)
  }

  ports(): Promise<SerialPortView[]> {
    return this.#parts.listPorts()
  }

  async list({ limit }: { readonly limit: number }): Promise<RestoreView[]> {
    await this.#ready
    const stored = await this.#store.list(limit)
    return stored.map(view => this.#active.get(view.id)?.view ?? view)
  }

  async log({ id }: { readonly id: number }): Promise<LogLine[]> {
    await this.#ready
    await this.#active.get(id)?.settle()
    if (!(await this.#store.get(id))) throw unknownRestore(id)
    return this.#store.log(id)
  }

  async identify(input: {
    readonly link: string
    readonly protocol: ProtocolChoice
    readonly encoding: EncodingChoice
  }): Promise<Identity> {
    return this.#audited(input.link, () =>
      this.#talk(input, async driver => {
        await driver.identify()
        return driver.measure()
      }),
    )
  }

  /** Says what a restore would do now. Only questions go to the device. */
  async plan({ link, digest, options }: RestoreOrder): Promise<RestorePlan> {
    return this.#audited(link, async () => {
      const image = await this.#imageFor(digest, options)
      return this.#talk({ link, encoding: options.encoding }, async driver => {
        await driver.identify()
        const port = portOf(link)
        const journal = this.#journal
        return survey({ driver, link, port, image, options, journal })
      })
    })
  }

  /** Begins a restore and answers at once; `watch` tells how it goes on. */
  async start(input: RestoreOrder): Promise<RestoreView> {
    await this.#ready
    return this.#audited(input.link, async () => {
      const release = this.#busyPorts.take(input.link)
      try {
        return await this.#begin(input, release)
      } catch (error) {
        release()
        throw error
      }
    })
  }

  /** Stops after the piece under way and answers once it has stopped. */
  async cancel({ id }: { readonly id: number }): Promise<RestoreView> {
    await this.#ready
    const active = this.#active.get(id)
    if (active) {
      active.cancel()
      const watching = active.watch()
      for await (const view of watching) if (view.stage === 'ended') return view
    }
    const ended = await this.#store.get(id)
    if (!ended) throw unknownRestore(id)
    return ended
  }

  watch({ id }: { readonly id: number }): AsyncIterableIterator<RestoreView> {
    const active = this.#active.get(id)
    if (active) return active.watch()
    const latest = new Latest<RestoreView>()
    this.#showStored(id, latest).catch((error: unknown) => latest.fail(error))
    return latest
  }

  /** Cancels what goes on and waits until it is written down. */
  async close(): Promise<void> {
    this.#closing.abort()
    while (this.#running.size > 0) {
      for (const active of this.#active.values()) active.cancel()
      await Promise.allSettled(this.#running)
    }
    await this.#ready.catch(() => undefined)
  }

  /** Opens a link for a few questions. */
  async #talk<Answer>(
    { link: address, encoding }: { readonly link: string; readonly encoding: EncodingChoice },
    ask: (driver: SmpDriver) => Promise<Answer>,
  ): Promise<Answer> {
    const release = this.#busyPorts.take(address)
    try {
      const link = await this.#parts.openLink(address)
      const driver = this.#driverFor(link, { signal: this.#closing.signal, encoding })
      try {
        return await ask(driver)
      } finally {
        driver.close()
        await link.close()
      }
    } finally {
      release()
    }
  }

  async #imageFor(digest: string, { offset }: RestoreOptions): Promise<PlannedImage> {
    const { stored, image } = await this.#parts.images.read(digest)
    refuseOffset(offset, image)
    const warnings = image.warnings.map(warning => ({ ...warning }))
    return { digest, name: stored.name, content: restoreImageOf(image), warnings }
  }

  async #begin(order: RestoreOrder, release: () => void): Promise<RestoreView> {
    const { clock, events } = this.#parts
    const { link, digest, options } = order
    const image = await this.#imageFor(digest, options)
    const totalBytes = image.content.bytes.length
    const view = await this.#store.insert(
      beginning({
        link,
        image: { digest, name: image.name, bytes: totalBytes },
        startedAt: clock.now(),
        sha256: toHex(image.content.sha256),
        totalBytes,
      }),
    )
    const active = new ActiveRestore({ clock, events, store: this.#store }, view)
    this.#active.set(view.id, active)
    const running = this.#see(this.#runOf(active, image, options), active)
    void this.#tracked(running.finally(release))
    return view
  }

  #runOf(active: ActiveRestore, image: PlannedImage, options: RestoreOptions): RestoreRun {
    const { clock, openLink } = this.#parts
    const { encoding, verify, resume } = options
    const { link } = active.view
    const journal = this.#journal
    const port = portOf(link)
    const onTrouble = (reason: string) =>
      active.note('warning', `This restore cannot be recorded to go on with it later: ${reason}.`)
    const parts: RestoreRunParts = {
      image: image.content,
      verify,
      resume,
      port,
      keeper: new RecordKeeper({ journal, clock, onTrouble }),
      clock,
      openLink,
      signal: active.signal,
      driverFor: carrier =>
        this.#driverFor(carrier, {
          signal: active.signal,
          encoding,
          onNote: (level, text) => active.note(level, text),
        }),
      planFor: driver => survey({ driver, link, port, image, options, journal }),
      onView: (view, milestone) => active.change(view, milestone),
      onNote: (level, text) => active.note(level, text),
    }
    return new RestoreRun(parts, active.view)
  }

  async #see(run: RestoreRun, active: ActiveRestore): Promise<void> {
    await run.run()
    const { link, error, id } = run.view
    if (error) this.#parts.audit.refuse({ actor: link, ...error })
    try {
      await active.finish()
    } catch (failure) {
      const message = failure instanceof Error ? failure.message : String(failure)
      const code = 'RESTORE_NOT_RECORDED'
      this.#parts.audit.refuse({ actor: link, code, message })
    }
    this.#active.delete(id)
  }

  #driverFor(link: ByteLink, how: Talk): SmpDriver {
    const { clock, trace } = this.#parts
    return new SmpDriver({ link, clock, trace, onNote: () => {}, ...how })
  }

  #tracked<Answer>(work: Promise<Answer>): Promise<Answer> {
    this.#running.add(work)
    return work.finally(() => this.#running.delete(work))
  }

  /** Every refusal goes to the audit with its reason (spec 0.3). */
  async #audited<Answer>(actor: string, work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#tracked(work())
    } catch (error) {
      if (error instanceof CodedError) {
        this.#parts.audit.refuse({ actor, code: error.code, message: error.message })
      }
      throw error
    }
  }

  async #showStored(id: number, latest: Latest<RestoreView>): Promise<void> {
    await this.#ready
    const view = await this.#store.get(id)
    if (!view) throw unknownRestore(id)
    latest.push(view)
    latest.end()
  }

  async #closeAbandoned(): Promise<void> {
    for (const view of await this.#store.unended()) {
      const message =
        `Kintsugi ended during this restore of ${view.link}, while ${view.stage}. ` +
        'Restore again; the next one can go on where this one stopped (--resume).'
      const error = { code: 'INTERRUPTED', message, data: {} }
      const at = this.#parts.clock.now()
      const outcome = { result: 'interrupted', error } as const
      // Nobody knows how long it went on.
      const ended = { ...nextView(view, { kind: 'ended', at, outcome }), seconds: null }
      await this.#store.update(ended)
    }
  }
}

function unknownRestore(id: number): CodedError {
  return new CodedError('RESTORE_UNKNOWN', `There is no restore ${id}.`, { id })
}
