import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { Identity, RestorePlan, RestoreView } from '../contract/restore'
import type { ByteLink, LinkOpener } from '../link/byte-link'
import type { Holding, RestoreDriver, RestoreImage } from './drivers/driver'
import { deviceWord, type RestoreRecord } from './journal'
import { outcomeOf } from './outcome'
import { planText } from './plan'
import { addSample, rateOf, type Sample } from '../base/rate'
import type { RecordKeeper } from './record-keeper'
import { nextView, type RestoreEvent } from './restore-view'

export interface RestoreRunParts {
  readonly image: RestoreImage
  readonly verify: boolean
  /** Going on was asked for. */
  readonly resume: boolean
  /** The link without its rate, under which the restore is recorded. */
  readonly port: string
  readonly keeper: RecordKeeper
  readonly clock: Clock
  readonly openLink: LinkOpener
  /** Ends the restore safely: nothing is sent after it. */
  readonly signal: AbortSignal
  driverFor(link: ByteLink): RestoreDriver
  /** What is to be done with a device that said who it is. */
  planFor(driver: RestoreDriver): Promise<RestorePlan>
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
    const { clock, keeper } = this.#parts
    try {
      const link = await this.#open()
      try {
        const result = await this.#restoreOver(link)
        await keeper.end('over')
        this.#happen({ kind: 'ended', at: clock.now(), outcome: { result, error: null } })
      } finally {
        this.#driver?.close()
        await link.close().catch(() => undefined)
      }
    } catch (error) {
      const touched = this.#driver?.touched ?? false
      const outcome = outcomeOf(error, { stage: this.#view.stage, touched })
      // What was found wrong at the end does not get right by going on.
      await keeper.end(outcome.error?.code === 'VERIFY_FAILED' ? 'over' : 'interrupted')
      this.#parts.onNote('warning', outcome.error?.message ?? outcome.result)
      this.#happen({ kind: 'ended', at: clock.now(), outcome })
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

  async #restoreOver(link: ByteLink): Promise<Done> {
    const driver = this.#parts.driverFor(link)
    this.#driver = driver
    this.#happen({ kind: 'stage', stage: 'identifying' })
    this.#parts.onNote('info', `${link.name} is open.`)
    this.#happen({ kind: 'identified', device: await driver.identify() })
    let plan = await this.#plan(driver)
    const enters = plan.entersRestoreMode
    if (enters) plan = await this.#enterRestoreMode(driver)
    const isIdle = plan.verdict === 'refused' || plan.verdict === 'up-to-date'
    // Restore mode may know more than software does; software then goes on as it was.
    if (isIdle && enters) await driver.reset()
    if (plan.verdict === 'refused') throw this.#unfit(plan)
    if (plan.verdict === 'up-to-date') {
      this.#happen({ kind: 'verified' })
      return 'up-to-date'
    }
    await this.#parts.keeper.begin(this.#recordOf(plan))
    const holding = await this.#writeAndVerify(driver, { link, plan })
    return (await this.#reboot(driver, holding)) ? 'restored' : 'written'
  }

  /** Says who is there and what is going to happen. */
  async #plan(driver: RestoreDriver): Promise<RestorePlan> {
    const parts = this.#parts
    const plan = await parts.planFor(driver)
    this.#happen({ kind: 'identified', device: plan.device })
    parts.onNote('info', describeDevice(plan.device))
    for (const line of planText(plan)) parts.onNote('info', line)
    const startsOver = parts.resume && plan.verdict === 'write'
    if (startsOver) this.#happen({ kind: 'started-over', why: plan.reason })
    return plan
  }

  /** What was taken up and is not right in the end is written once more, all of it. */
  async #writeAndVerify(
    driver: RestoreDriver,
    { link, plan }: { readonly link: ByteLink; readonly plan: RestorePlan },
  ): Promise<Holding | undefined> {
    const from = plan.written?.fromByte ?? plan.image.bytes
    try {
      await this.#write(driver, { link, from })
      return await this.#verify(driver)
    } catch (error) {
      const isWrong = error instanceof CodedError && error.code === 'VERIFY_FAILED'
      if (!isWrong || from === 0) throw error
      const why = `What the device held was no part of this image: ${error.message}`
      this.#parts.onNote('warning', why)
      this.#happen({ kind: 'started-over', why })
      await this.#write(driver, { link, from: 0 })
      return this.#verify(driver)
    }
  }

  /** Software that runs would put an upload beside itself, not where the restore belongs. */
  async #enterRestoreMode(driver: RestoreDriver): Promise<RestorePlan> {
    this.#parts.onNote('info', 'It is asked to reset into its restore mode.')
    await driver.enterRestoreMode()
    const plan = await this.#plan(driver)
    if (!plan.entersRestoreMode) return plan
    throw new CodedError(
      'DEVICE_REFUSED',
      `${this.#view.link}: while identifying, the software of the device runs and does not make ` +
        'way for its restore mode, so nothing was written. Switch the device off, hold its restore button (or set its ' +
        'boot pin) while it is switched on, then restore again.',
    )
  }

  async #write(
    driver: RestoreDriver,
    { link, from }: { readonly link: ByteLink; readonly from: number },
  ): Promise<void> {
    const { clock, image, keeper } = this.#parts
    if (from > 0) this.#happen({ kind: 'resumed', from })
    if (from === image.bytes.length) return
    this.#happen({ kind: 'stage', stage: 'writing' })
    this.#parts.onNote('info', `Writing ${image.bytes.length - from} bytes.`)
    const startedAt = clock.now()
    let samples: readonly Sample[] = [{ at: startedAt, doneBytes: from }]
    const onProgress = (doneBytes: number) => {
      keeper.acknowledge(doneBytes)
      samples = addSample(samples, { at: clock.now(), doneBytes })
      this.#happen({ kind: 'progress', doneBytes, rate: rateOf(samples, image.bytes.length) })
    }
    const isConfirmed = await driver.write(image, onProgress, from)
    const { heldBytes } = driver
    if (heldBytes !== null) this.#happen({ kind: 'resumed', from: heldBytes })
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
      `${this.#view.link}: while verifying, the device says that it holds ${holding.hash}, which ` +
        'is not what was sent. Restore again; if that fails too, its flash may be worn out.',
      { hash: holding.hash },
    )
  }

  #unfit({ reason, nextStep }: RestorePlan): CodedError {
    const place = `${this.#view.link}: refused while identifying, before anything was sent`
    return new CodedError('IMAGE_UNFIT', `${place}. ${reason} ${nextStep ?? ''}`.trimEnd())
  }

  #recordOf({ sha256, device, image, written }: RestorePlan): NewRecord {
    const acknowledgedBytes = written?.fromByte ?? image.bytes
    const { port } = this.#parts
    return { sha256, device: deviceWord(device), port, totalBytes: image.bytes, acknowledgedBytes }
  }

  #happen(event: RestoreEvent): void {
    const retries = this.#driver?.retries ?? 0
    this.#view = nextView({ ...this.#view, retries }, event)
    this.#parts.onView(this.#view, event.kind !== 'progress')
  }
}

type Done = 'restored' | 'written' | 'up-to-date'
type NewRecord = Omit<RestoreRecord, 'startedAt' | 'updatedAt'>

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
