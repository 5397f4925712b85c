import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type {
  HandsetKey,
  HandsetState,
  HandsetUpdate,
  HandsetView,
  RestoreReason,
} from '../contract/handsets'
import type { Encoding } from '../contract/restore'
import type { ByteLink } from '../link/byte-link'
import { SMP_ENCODINGS } from '../wire/smp/encodings'
import { HandsetHost } from './agents/handset-host'
import { UpdateAgent } from './agents/update-agent'
import { streamingDecoder, type UpdateDecoder } from './agents/update-decoder'
import { checkUpdate, updateRunning } from './agents/update-allowed'
import { Board } from './board'
import { decodeIdentity } from './boot/identity'
import type { CpuHost } from './cpu/cpu-port'
import type { Sha256 } from './digest'
import type { NorFlash } from './flash/nor-flash'
import { viewOfHandset } from './handset-view'
import { regionOf, type HandsetModel } from './model/model'
import { MobileRadio } from './radio/mobile-radio'
import type { Radio } from './radio/radio'
import { UpdateClient } from './radio/update-client'
import { RamControl } from './ram/ram-control'
import { LineOutput } from './session/line-output'
import { Runtime, type NewestFault } from './session/runtime'
import { StateHistory, type Transition } from './session/state-history'
import type { MetadataClient } from './trust/metadata-client'
import type { Nv } from './trust/nv'
import { Trust } from './trust/trust'

/** Held while the power comes, it ends in restore mode. */
export const RESTORE_KEY: HandsetKey = 'select'

/** What its line has not carried beyond this is lost: firmware sends faster than any line. */
const UNCARRIED_BYTES_MAX = 64 * 1024

interface Line {
  readonly link: ByteLink
  readonly detach: () => void
  uncarriedBytes: number
}

/**
 * One handset among thousands takes larger steps: they take as long as the small ones in them, but
 * what a watcher sees of it is coarser.
 */
export interface HandsetGrain {
  /** Steps of a rewrite. */
  readonly steps: number
  /** Bytes that the air carries. */
  readonly radioBytes: number
}

export interface HandsetParts {
  readonly name: string
  /** The LINK under which others reach it. */
  readonly link: string
  readonly model: HandsetModel
  /** A chip whose identity region holds an identity; shared with the CPU where there is one. */
  readonly flash: NorFlash
  readonly clock: Clock
  readonly sha256: Sha256
  /** How its restore mode puts packets on the line; `console` where nobody says. */
  readonly smpEncoding?: Encoding
  /** The way to its carrier; without one it knows none. */
  readonly radio?: Radio
  /** Proves vendors' metadata, and where the handset keeps it; without them it can trust no vendor. */
  readonly metadata?: { readonly client: MetadataClient; readonly nv: Nv }
  /** Where its CPU runs; without one, sound software stays where it is (`no-cpu`). */
  readonly cpuHost?: CpuHost
  /** How it decodes update files; in its own RAM where it is left out. */
  readonly decoder?: UpdateDecoder
  /** How much happens between two looks at the clock; left out, as little as on a real one. */
  readonly grain?: HandsetGrain
  /** Hears of a CPU that failed by itself, which is a defect in Kintsugi. */
  readonly onDefect?: (error: unknown) => void
}

/**
 * A whole virtual handset: a flash, the boot and restore code before it, a CPU that executes what
 * the flash holds, RAM, a display, keys and a line.
 */
export class Handset {
  readonly flash: NorFlash
  readonly model: HandsetModel
  readonly board: Board
  readonly ram: RamControl
  readonly output = new LineOutput()
  readonly terminalId: string
  readonly #parts: HandsetParts
  readonly #runtime: Runtime
  readonly #history: StateHistory
  readonly #radio: MobileRadio | undefined
  readonly #agent: UpdateAgent | undefined
  readonly #trust: Trust | undefined
  readonly #changeListeners = new Set<() => void>()
  readonly #outputListeners = new Set<(bytes: Uint8Array, from: number) => void>()
  #line: Line | undefined

  constructor(parts: HandsetParts) {
    const { model, flash, clock, sha256, cpuHost, grain } = parts
    this.#parts = parts
    this.flash = flash
    this.model = model
    this.#history = new StateHistory(clock)
    const { address, bytes } = regionOf(model, 'identity')
    const identity = decodeIdentity(flash.peek(address, bytes))
    if (!identity) throw new Error(`The flash of ${parts.name} holds no identity`)
    this.terminalId = identity.terminalId
    this.board = new Board(model, flash, cpuHost)
    const onInputs = () => this.#runtime.inputsChanged()
    this.ram = new RamControl({ ram: model.ram, board: this.board, clock, onInputs })
    this.#runtime = new Runtime({
      model,
      flash,
      clock,
      sha256,
      board: this.board,
      ram: this.ram,
      terminalId: this.terminalId,
      smpEncoding: SMP_ENCODINGS[parts.smpEncoding ?? 'console'],
      stepsAtOnce: grain?.steps ?? 1,
      send: sent => this.#send(sent),
      onState: state => this.#enter(state),
      onChange: () => this.#changed(),
      onTransferLost: why => this.#agent?.interrupt('cancelled', why),
      onJudged: isSound => void this.#agent?.judged(isSound),
      onDefect: error => parts.onDefect?.(error),
    })
    if (!parts.radio) return
    const isInReach = () => this.board.radio
    const coarse = grain ? { pieceBytes: grain.radioBytes } : {}
    this.#radio = new MobileRadio({ carrier: parts.radio, clock, isInReach, ...coarse })
    this.#trust = this.#trustOver(this.#radio)
    this.#agent = this.#agentOver(this.#radio)
  }

  get state(): HandsetState {
    return this.#history.state
  }

  /** Every change of state, oldest first; the last thousand are kept. */
  get history(): readonly Transition[] {
    return this.#history.transitions
  }

  get reason(): RestoreReason | null {
    return this.#runtime.reason
  }

  /** What the software did last that hardware does not allow, since the power came. */
  get fault(): NewestFault | undefined {
    return this.#runtime.fault
  }

  /** The newest update over the radio; null before the first. */
  get update(): HandsetUpdate | null {
    return this.#agent?.view ?? null
  }

  /** Whom it believes; null: no vendor, so nothing is verified. */
  get trust(): HandsetView['trust'] {
    return this.#trust?.view ?? null
  }

  /** Since the power came. */
  get watchdogResets(): number {
    return this.#runtime.watchdogResets
  }

  /** Somebody holds the other end of the line. */
  get hasLine(): boolean {
    return this.#line !== undefined
  }

  powerOn({ keyHeld = this.board.keys.has(RESTORE_KEY) } = {}): void {
    if (this.state === 'off') this.#runtime.powerOn(keyHeld)
  }

  /** Takes the power away, now: an operation of the flash that goes on is torn. */
  powerOff(): void {
    if (this.state !== 'off') this.#runtime.powerOff()
  }

  /** Takes the handset apart; it is not switched on again. */
  close(): void {
    this.powerOff()
    this.detach()
    this.board.cpu?.close()
  }

  /** Puts the other end of the cable in; an earlier one is taken out. */
  attach(link: ByteLink): void {
    this.detach()
    const stopData = link.onData(bytes => this.receive(bytes))
    const stopClose = link.onClose(() => this.detach())
    const detach = () => {
      stopData()
      stopClose()
    }
    this.#line = { link, detach, uncarriedBytes: 0 }
    this.#changed()
  }

  /** The other end is gone. What was received is kept in RAM: the sender may go on. */
  detach(): void {
    if (!this.#line) return
    this.#line.detach()
    this.#line = undefined
    this.#runtime.lineLost()
    this.#changed()
  }

  /** Bytes that come over the line; they are lost while the cable is out or the power off. */
  receive(bytes: Uint8Array): void {
    if (this.board.cable) this.#runtime.receive(bytes)
  }

  /** Bytes for what runs that come over no cable: the network's test signal. */
  hear(bytes: Uint8Array): void {
    this.#runtime.receive(bytes)
  }

  pressKey(key: HandsetKey, pressed: boolean): void {
    if (pressed) this.board.keys.add(key)
    else this.board.keys.delete(key)
    this.#inputsChanged()
  }

  /** Puts a radio cell in reach, or out of it. */
  switchRadio(on: boolean): void {
    this.board.radio = on
    this.#radio?.reachChanged()
    this.#inputsChanged()
  }

  /** Puts the cable in or pulls it out; nobody is told at the other end. */
  switchCable(on: boolean): void {
    this.board.cable = on
    if (!on) this.#runtime.lineLost()
    this.#inputsChanged()
  }

  /**
   * Has the software give up RAM in the order of the model until an area of so many bytes is free,
   * and locks it. Rejects with `SOFTWARE_NOT_RUNNING`, `RAM_INSUFFICIENT` or `RAM_SECURED`.
   */
  async secureRam(bytes: number): Promise<void> {
    const runs = this.state === 'normal' || this.state === 'self-test-failed'
    if (!runs && this.reason !== 'no-cpu') {
      const message = 'The software does not run, so nobody can be asked to give up RAM.'
      throw new CodedError('SOFTWARE_NOT_RUNNING', message, { state: this.state })
    }
    await this.ram.secure(bytes, runs)
    this.#changed()
  }

  /** Gives an area back. Throws `UPDATE_RUNNING` where it is an update's. */
  releaseRam(): void {
    if (this.#agent?.holdsRam === true) {
      const message = 'The area belongs to an update. Wait for its end, or cancel it.'
      throw new CodedError('UPDATE_RUNNING', message)
    }
    this.ram.release()
  }

  /**
   * Asks the carrier for an update and gets it, by itself from here on. Throws
   * `SOFTWARE_NOT_RUNNING` unless the software runs or a file is needed, `RADIO_OFF` or
   * `UPDATE_RUNNING`.
   */
  startUpdate(): void {
    const agent = this.#agent
    checkUpdate(this, agent)
    agent.start()
  }

  /** Believes this vendor's root alone from now on. Throws `ROOT_UNFIT`, `UPDATE_RUNNING` or `RADIO_OFF`. */
  provision(root: string): void {
    if (this.#agent?.isRunning === true) throw updateRunning()
    if (!this.#trust) throw new CodedError('RADIO_OFF', 'This handset knows no carrier.')
    this.#trust.provision(root)
  }

  /** Ends an update. Throws `UPDATE_RUNNING` where the flash is being rewritten already. */
  cancelUpdate(): void {
    this.#agent?.cancel()
  }

  /** Calls back after every change that a view shows. Returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener)
    return () => void this.#changeListeners.delete(listener)
  }

  /** Calls back with all that the handset sends and its position. Returns the unsubscribe. */
  onOutput(listener: (bytes: Uint8Array, from: number) => void): () => void {
    this.#outputListeners.add(listener)
    return () => void this.#outputListeners.delete(listener)
  }

  view(): HandsetView {
    const { name, link } = this.#parts
    return viewOfHandset(this, { name, link, runtime: this.#runtime })
  }

  #trustOver(radio: Radio): Trust | undefined {
    const { clock, metadata } = this.#parts
    if (!metadata) return undefined
    return new Trust({ ...metadata, radio, clock, onChange: () => this.#changed() })
  }

  #agentOver(radio: Radio): UpdateAgent {
    const { model, flash, clock, sha256, onDefect } = this.#parts
    const { decoder = streamingDecoder(sha256) } = this.#parts
    const { terminalId, board, ram } = this
    const host = new HandsetHost({
      terminalId,
      model,
      flash,
      board,
      ram,
      sha256,
      decoder,
      softwareRuns: () => this.reason === null,
      enter: state => this.#runtime.enterTransfer(state),
      rewrite: async (file, onProgress) => {
        const source = decoder.open(file)
        const named = { bytes: file.length, sha256: sha256([file]) }
        return this.#runtime.rewrite({ source, file: named }, onProgress)
      },
    })
    const client = new UpdateClient(radio)
    const onChange = () => this.#changed()
    const trust = this.#trust
    const timed = { client, clock, sha256, trust, onChange }
    return new UpdateAgent({ host, ...timed, onDefect: error => onDefect?.(error) })
  }

  #inputsChanged(): void {
    this.#runtime.inputsChanged()
    this.#changed()
  }

  #send(bytes: Uint8Array): void {
    const from = this.output.next
    this.output.append(bytes)
    for (const listener of this.#outputListeners) listener(bytes, from)
    if (this.board.cable && this.#line) carry(this.#line, bytes)
  }

  #enter(state: HandsetState): void {
    this.#history.enter(state)
    if (state === 'off') this.#interruptUpdate()
    this.#changed()
  }

  #interruptUpdate(): void {
    const rewrites = this.#agent?.rewrites === true
    const what = rewrites ? 'while the flash was rewritten' : 'and the RAM was lost'
    const outcome = rewrites ? 'rewrite-failed' : 'cancelled'
    this.#agent?.interrupt(outcome, `The power failed ${what}. Switch the handset on.`)
  }

  #changed(): void {
    for (const listener of this.#changeListeners) listener()
  }
}

function carry(line: Line, bytes: Uint8Array): void {
  const taken = bytes.subarray(0, UNCARRIED_BYTES_MAX - line.uncarriedBytes)
  if (taken.length === 0) return
  line.uncarriedBytes += taken.length
  const carried = () => void (line.uncarriedBytes -= taken.length)
  // A line that is gone says so by onClose as well.
  line.link.write(taken).then(carried, carried)
}
