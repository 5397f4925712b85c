import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { Identity, RestoreView } from '../contract/restore'
import type { ByteLink, LinkOpener } from '../link/byte-link'
import type { Holding, RestoreDriver, RestoreImage } from './drivers/driver'
import { outcomeOf } from './outcome'
import { addSample, rateOf, type Sample } from './rate'
import { nextView, type RestoreEvent } from './restore-view'

export interface RestoreRunParts {
  readonly image: RestoreImage
  readonly verify: boolean
  readonly clock: Clock
  readonly openLink: LinkOpener
  /** Ends the restore safely: nothing is sent after it. */
  readonly signal: AbortSignal
  driverFor(link: ByteLink): RestoreDriver
  /** Told after every event; `milestone` for all but progress. */
  onView(view: RestoreView, milestone: boolean): void
  onNote(level: 'info' | 'warning', text: string): void
}

/** One restore from opening the link to its end (spec 2.0.3, R2 to R6). It never rejects. */
export class RestoreRun {
  readonly #parts: RestoreRunParts
  #view: RestoreView
  #driver: RestoreDriver | undefined

  constructor(parts: RestoreRunParts, view: RestoreView) {
    this.#parts = parts
    this.#view = view
  }

  get view(): RestoreView {
    return this.#view
  }

  async run(): Promise<void> {
    try {
      const link = await this.#open()
      try {
        await this.#restoreOver(link)
      } finally {
        this.#driver?.close()
        await link.close().catch(() => undefined)
      }
    } catch (error) {
      const touched = this.#driver?.touched ?? false
      const outcome = outcomeOf(error, { stage: this.#view.stage, touched })
      this.#parts.onNote('warning', outcome.error?.message ?? outcome.result)
      this.#happen({ kind: 'ended', at: this.#parts.clock.now(), outcome })
    }
  }

  async #open(): Promise<ByteLink> {
    const { openLink, signal } = this.#parts
    const opening = openLink(this.#view.link)
    const cancelled = new Promise<never>((_, reject) => {
      const cancel = () => reject(new CodedError('CANCELLED', 'cancelled; nothing was sent.'))
      if (signal.aborted) cancel()
      signal.addEventListener('abort', cancel, { once: true })
    })
    try {
      return await Promise.race([opening, cancelled])
    } catch (error) {
      // A link that opens after all is nobody's.
      opening.then(link => link.close()).catch(() => undefined)
      throw error
    }
  }

  async #restoreOver(link: ByteLink): Promise<void> {
    const driver = this.#parts.driverFor(link)
    this.#driver = driver
    this.#happen({ kind: 'stage', stage: 'identifying' })
    this.#parts.onNote('info', `${link.name} is open.`)
    const device = await driver.identify()
    this.#happen({ kind: 'identified', device })
    this.#parts.onNote('info', describeDevice(device))
    // A listed hash that leaves bytes out cannot tell two such images apart.
    const { image } = this.#parts
    if (image.listedHashCoversAll && driver.heldBefore(image).kind === 'this-image') {
      this.#parts.onNote('info', 'The device holds this image already; nothing was sent.')
      this.#happen({ kind: 'verified' })
      return this.#end('up-to-date')
    }
    if (device.device.mode === 'software') await this.#enterRestoreMode(driver)
    await this.#write(driver, link)
    const holding = await this.#verify(driver)
    const isRunning = await this.#reboot(driver, holding)
    this.#end(isRunning ? 'restored' : 'written')
  }

  /** Software that runs would put an upload beside itself, not where the restore belongs. */
  async #enterRestoreMode(driver: RestoreDriver): Promise<void> {
    this.#parts.onNote('info', 'It is asked to reset into its restore mode.')
    const device = await driver.enterRestoreMode()
    this.#happen({ kind: 'identified', device })
    this.#parts.onNote('info', describeDevice(device))
    if (device.device.mode !== 'software') return
    throw new CodedError(
      'DEVICE_REFUSED',
      `${this.#view.link}: the software of the device runs and does not make way for its restore ` +
        'mode, so nothing was written. Switch the device off, hold its restore button (or set its ' +
        'boot pin) while it is switched on, then restore again.',
    )
  }

  async #write(driver: RestoreDriver, link: ByteLink): Promise<void> {
    const { clock, image } = this.#parts
    this.#happen({ kind: 'stage', stage: 'writing' })
    this.#parts.onNote('info', `Writing ${image.bytes.length} bytes.`)
    const startedAt = clock.now()
    let samples: readonly Sample[] = [{ at: startedAt, doneBytes: 0 }]
    const isConfirmed = await driver.write(image, doneBytes => {
      samples = addSample(samples, { at: clock.now(), doneBytes })
      this.#happen({ kind: 'progress', doneBytes, rate: rateOf(samples, image.bytes.length) })
    })
    const milliseconds = clock.now() - startedAt
    this.#happen({ kind: 'written', milliseconds, baud: link.baud })
    const repeats = `${driver.retries} requests were sent again`
    this.#parts.onNote('info', `Written in ${(milliseconds / 1000).toFixed(1)} s; ${repeats}.`)
    if (!image.listedHashCoversAll && !isConfirmed) this.#parts.onNote('info', PARTLY_COVERED)
  }

  /** Asks what the flash holds now. Undefined where nobody wants to know. */
  async #verify(driver: RestoreDriver): Promise<Holding | undefined> {
    if (!this.#parts.verify) return undefined
    this.#happen({ kind: 'stage', stage: 'verifying' })
    const holding = await driver.readBack(this.#parts.image)
    if (holding.kind === 'another') throw this.#differs(holding)
    if (holding.kind === 'this-image') this.#readBack()
    else this.#parts.onNote('info', `Not verified yet: ${holding.reason}. It is reset first.`)
    return holding
  }

  /** Whether the restored software answers after the reset. */
  async #reboot(driver: RestoreDriver, holding: Holding | undefined): Promise<boolean> {
    const isOpen = holding?.kind === 'unknown'
    this.#happen({ kind: 'stage', stage: 'rebooting' })
    try {
      await driver.reset()
      const awakening = await driver.awaken(this.#parts.image)
      if (awakening === 'software') {
        this.#parts.onNote('info', 'The restored software runs and answers.')
        this.#happen({ kind: 'verified' })
        return true
      }
      if (isOpen) await this.#verifyAfterReset(driver, awakening)
      else this.#parts.onNote('info', ANSWERS[awakening])
      return false
    } catch (error) {
      // Adapters inside devices vanish with the reset: what is verified stays verified.
      const isGone = error instanceof CodedError && error.code === 'LINK_LOST'
      if (!isGone || isOpen) throw error
      this.#parts.onNote('info', 'The port went away with the reset.')
      return false
    }
  }

  async #verifyAfterReset(
    driver: RestoreDriver,
    awakening: 'restore-mode' | 'silence',
  ): Promise<void> {
    const holding: Holding =
      awakening === 'silence'
        ? { kind: 'unknown', reason: 'nothing answers after the reset' }
        : await driver.readBack(this.#parts.image)
    if (holding.kind === 'another') throw this.#differs(holding)
    if (holding.kind === 'unknown') {
      throw new CodedError(
        'VERIFY_FAILED',
        `${this.#view.link}: everything was sent, but the device cannot say what it holds: ` +
          `${holding.reason}. Look whether it starts; --no-verify accepts a restore without proof.`,
      )
    }
    this.#readBack()
  }

  #readBack(): void {
    const { listedHashCoversAll } = this.#parts.image
    const what = listedHashCoversAll ? 'holds exactly this image' : 'lists the hash of this image'
    this.#parts.onNote('info', `Read back: the device ${what}.`)
    this.#happen({ kind: 'verified' })
  }

  #differs(holding: Holding & { kind: 'another' }): CodedError {
    return new CodedError(
      'VERIFY_FAILED',
      `${this.#view.link}: after the restore the device holds ${holding.hash}, which is not what ` +
        'was sent. Restore again; if that fails too, its flash may be worn out.',
      { hash: holding.hash },
    )
  }

  #end(result: 'restored' | 'written' | 'up-to-date'): void {
    const outcome = { result, error: null }
    this.#happen({ kind: 'ended', at: this.#parts.clock.now(), outcome })
  }

  #happen(event: RestoreEvent): void {
    const retries = this.#driver?.retries ?? 0
    this.#view = nextView({ ...this.#view, retries }, event)
    this.#parts.onView(this.#view, event.kind !== 'progress')
  }
}

function describeDevice({ device, software }: Identity): string {
  const who = device.name ?? 'A device without a name'
  const holds = software
    ? `it holds version ${software.version || 'unknown'}`
    : 'it lists no software'
  return `${who} answers (${MODES[device.mode]}); ${holds}.`
}

const MODES = {
  'restore-mode': 'restore mode',
  software: 'its software runs',
  unknown: 'whether its software runs is not known',
} as const

const PARTLY_COVERED =
  "The device's digest covers header and program, but not the signature behind them."

const ANSWERS = {
  'restore-mode': 'After the reset the device answers from its restore mode.',
  silence: 'After the reset nothing answers: the restored software may not speak this protocol.',
} as const
