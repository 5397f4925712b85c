import type { Kysely } from 'kysely'
import { toHex } from '../base/bytes'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { parseLink } from '../contract/link-address'
import type {
  Identity,
  LogLine,
  ProtocolChoice,
  RestoreOptions,
  RestoreView,
  SerialPortView,
} from '../contract/restore'
import type { ByteLink, LinkOpener } from '../link/byte-link'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import type { RaiseNotice } from '../storage/notices'
import type { Schema } from '../storage/schema'
import { ActiveRestore } from './active-restore'
import type { RestoreImage } from './drivers/driver'
import { SmpDriver } from './drivers/smp-driver'
import { Latest } from './latest'
import { refuseOffset, restoreImageOf, type ImageSource } from './restore-image'
import { RestoreRun, type RestoreRunParts } from './restore-run'
import { beginning, nextView } from './restore-view'
import { RestoreStore } from './store'

export interface RestoreServiceParts {
  readonly openLink: LinkOpener
  readonly listPorts: () => Promise<SerialPortView[]>
  readonly images: ImageSource
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly db: Kysely<Schema>
  /** Tells a person of entries that cannot be read. */
  readonly raise: RaiseNotice
}

/** The wired restore as the contract offers it: one restore a link at a time, any number of links. */
export class RestoreService {
  readonly #parts: RestoreServiceParts
  readonly #store: RestoreStore
  readonly #active = new Map<number, ActiveRestore>()
  /** Everything that must end before the service has ended. */
  readonly #running = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()
  readonly #busyLinks = new Set<string>()
  /** Restores of a process that was killed are closed before anything is answered. */
  readonly #ready: Promise<void>

  constructor(parts: RestoreServiceParts) {
    this.#parts = parts
    this.#store = new RestoreStore(parts.db, parts.raise)
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
  }): Promise<Identity> {
    return this.#audited(input.link, async () => {
      const release = this.#takeLink(input.link)
      try {
        const link = await this.#parts.openLink(input.link)
        const driver = this.#driverFor(link, { signal: this.#closing.signal })
        try {
          return await driver.identify()
        } finally {
          driver.close()
          await link.close()
        }
      } finally {
        release()
      }
    })
  }

  /** Begins a restore and answers at once; `watch` tells how it goes on. */
  async start(input: {
    readonly link: string
    readonly digest: string
    readonly options: RestoreOptions
  }): Promise<RestoreView> {
    await this.#ready
    return this.#audited(input.link, async () => {
      const release = this.#takeLink(input.link)
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

  async #begin(
    { link, digest, options }: { link: string; digest: string; options: RestoreOptions },
    release: () => void,
  ): Promise<RestoreView> {
    const { clock, events } = this.#parts
    const { stored, image: file } = await this.#parts.images.read(digest)
    refuseOffset(options.offset, file)
    const image = restoreImageOf(file)
    const totalBytes = image.bytes.length
    const view = await this.#store.insert(
      beginning({
        link,
        image: { digest, name: stored.name, bytes: totalBytes },
        startedAt: clock.now(),
        sha256: toHex(image.sha256),
        totalBytes,
      }),
    )
    const active = new ActiveRestore({ clock, events, store: this.#store }, view)
    this.#active.set(view.id, active)
    const running = this.#see(this.#runOf(active, image, options.verify), active)
    void this.#tracked(running.finally(release))
    return view
  }

  #runOf(active: ActiveRestore, image: RestoreImage, verify: boolean): RestoreRun {
    const { clock, openLink } = this.#parts
    const parts: RestoreRunParts = {
      image,
      verify,
      clock,
      openLink,
      signal: active.signal,
      driverFor: link => this.#driverFor(link, active),
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

  #driverFor(
    link: ByteLink,
    watcher: { readonly signal: AbortSignal; note?: ActiveRestore['note'] },
  ): SmpDriver {
    const { clock, trace } = this.#parts
    return new SmpDriver({
      link,
      clock,
      trace,
      signal: watcher.signal,
      onNote: (level, text) => watcher.note?.(level, text),
    })
  }

  /** A port belongs to one restore at a time, whatever its rate. Returns the release. */
  #takeLink(link: string): () => void {
    const address = parseLink(link)
    const key = address.kind === 'serial' ? `serial:${address.path}` : link
    if (this.#busyLinks.has(key)) {
      const message = `${link} is in use by another restore. Wait for its end or cancel it.`
      throw new CodedError('LINK_BUSY', message, { link })
    }
    this.#busyLinks.add(key)
    return () => void this.#busyLinks.delete(key)
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
      const message = `Kintsugi ended during this restore of ${view.link}. Restore again.`
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
