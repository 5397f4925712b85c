import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import { seededRandom } from '../../base/random'
import type { FirmwareView, HandsetKey, HandsetView } from '../../contract/handsets'
import { formatLink } from '../../contract/link-address'
import type { ByteLink } from '../../link/byte-link'
import type { EventSink } from '../../observe/events'
import type { CpuHost } from '../cpu/cpu-port'
import { parseFlashFault } from '../flash/flash-faults'
import { FLASH_FAULT_POINT, NorFlash } from '../flash/nor-flash'
import { Handset, type HandsetParts } from '../handset'
import { throttleWrites } from '../link-throttle'
import { Nv } from '../trust/nv'
import { builtInSoftware } from './built-in-software'
import { newChip } from './chip-file'
import { FetchRadio } from './fetch-radio'
import type { HandsetFace } from '../face/handset-face'
import { HandsetPlace } from './handset-place'
import * as reading from './handset-reading'
import { modelNamed, modelNames } from './models'
import { nodeSha256 } from './node-sha256'
import { TufClient } from './tuf-client'

/** Fast enough not to bore, slow enough to watch. */
const VIRTUAL_BAUD = 921_600
/** Each is looked at whenever the flash does something, and shown in every view. */
const FAULTS_MAX = 1000
const CUT = { point: FLASH_FAULT_POINT, kind: 'power-cut' }

interface Named {
  readonly name: string
}

export interface NewHandset extends Named {
  readonly model: string
  /** In the middle of a rewrite that lost its power. */
  readonly bricked: boolean
  /** Version of built-in software; null: none; undefined: the first one of the model. */
  readonly software?: string | null | undefined
  readonly seed: number
}

export interface HandsetServiceParts {
  readonly clock: Clock
  readonly events: EventSink
  readonly cpuHost: CpuHost
  /** Two ends of one line in memory. */
  readonly memoryPair: (options: {
    readonly names: readonly [string, string]
    readonly baud: number
  }) => readonly [ByteLink, ByteLink]
  /** Of the workbench: decides what torn operations leave behind. */
  readonly seed: number
  /** Where the carrier's server is, as an origin; handsets ask it for updates. */
  readonly carrierAddress?: () => Promise<string>
  /** Rate of the line to a virtual handset, both ways. */
  readonly baud?: number
  /** Hears of failures that are nobody's input. */
  readonly onDefect?: (error: unknown) => void
}

/** The virtual handsets of a workbench. They live in memory, as long as the workbench does. */
export class HandsetService {
  readonly #parts: HandsetServiceParts
  readonly #places = new Map<string, HandsetPlace>()

  constructor(parts: HandsetServiceParts) {
    this.#parts = parts
  }

  list(): HandsetView[] {
    return [...this.#places.values()].map(({ handset }) => handset.view())
  }

  models(): string[] {
    return modelNames()
  }

  firmware(): FirmwareView[] {
    return builtInSoftware.list()
  }

  flash({ name, ...piece }: Named & reading.MemoryPiece) {
    return reading.readFlash(this.#handset(name), piece)
  }

  ram({ name, ...piece }: Named & reading.MemoryPiece) {
    return reading.readRam(this.#handset(name), piece)
  }

  flashHealth({ name }: Named) {
    return reading.readFlashHealth(this.#handset(name))
  }

  ramActivity({ name }: Named) {
    return reading.readRamActivity(this.#handset(name))
  }

  execution({ name }: Named) {
    return reading.readExecution(this.#handset(name))
  }

  /** Forgets what was executed, so that only what comes now is shown. */
  clearExecution({ name }: Named): void {
    this.#handset(name).board.memory.execution.fill(0)
  }

  screen({ name }: Named) {
    return reading.readScreen(this.#handset(name))
  }

  output({ name, from }: Named & { readonly from: number }) {
    return reading.readOutput(this.#handset(name), from)
  }

  states({ name }: Named) {
    return [...this.#handset(name).history]
  }

  /** What the network can do with a handset; undefined: there is none of that name. */
  face(name: string): HandsetFace | undefined {
    return this.#places.get(name)?.face
  }

  /** Throws `HANDSET_EXISTS`, `MODEL_UNKNOWN` or `SOFTWARE_UNKNOWN`. */
  create({ name, model: modelName, bricked, software, seed }: NewHandset): HandsetView {
    if (this.#places.has(name)) {
      const message = `A handset named "${name}" exists. Take another name, or remove that one.`
      throw new CodedError('HANDSET_EXISTS', message, { name })
    }
    const { clock, cpuHost } = this.#parts
    const model = modelNamed(modelName)
    const contents = newChip({ model, name, seed, sha256: nodeSha256, bricked, software })
    const flash = new NorFlash({
      geometry: model.flash,
      timing: model.flash.timing,
      contents,
      random: seededRandom(this.#parts.seed ^ seed),
      share: bytes => cpuHost.share(bytes),
    })
    const link = formatLink({ kind: 'virtual', name })
    const metadata = { client: new TufClient(), nv: new Nv() }
    const fitted = { name, link, model, flash, clock, sha256: nodeSha256, cpuHost, metadata }
    const handset = new Handset({ ...fitted, ...this.#connections() })
    const place = new HandsetPlace(name, handset, this.#parts)
    // One that cannot even be switched on is not kept.
    handset.powerOn()
    this.#places.set(name, place)
    return handset.view()
  }

  /** Throws `ROOT_UNFIT` or `UPDATE_RUNNING`. */
  provision({ name, root }: Named & { readonly root: string }): HandsetView {
    return this.#do(name, handset => handset.provision(root))
  }

  power({ name, on }: Named & { readonly on: boolean }): HandsetView {
    return this.#do(name, handset => (on ? handset.powerOn() : handset.powerOff()))
  }

  /** Cuts now (0), plans a cut at the n-th flash operation from now, or takes the plan back. */
  cutPower({ name, inOperations }: Named & { readonly inOperations: number | null }): HandsetView {
    return this.#do(name, handset => {
      if (inOperations === 0) {
        handset.powerOff()
        return
      }
      const { faults } = handset.flash
      faults.clear(FLASH_FAULT_POINT, CUT.kind)
      if (inOperations === null) return
      faults.add({ ...CUT, at: faults.passed(FLASH_FAULT_POINT) + inOperations })
    })
  }

  /** Plans a fault; its number counts the operations from now on. Throws `BAD_FAULT`. */
  plantFault({ name, fault: line }: Named & { readonly fault: string }): HandsetView {
    const fault = parseFlashFault(line)
    return this.#do(name, ({ flash: { faults } }) => {
      if (faults.pending().length >= FAULTS_MAX) throw tooManyFaults(name)
      faults.add({ ...fault, at: faults.passed(fault.point) + fault.at })
    })
  }

  clearFaults({ name }: Named): HandsetView {
    return this.#do(name, ({ flash }) => flash.faults.clear(FLASH_FAULT_POINT))
  }

  key({ name, key, pressed }: Named & { key: HandsetKey; pressed: boolean }): HandsetView {
    return this.#do(name, handset => handset.pressKey(key, pressed))
  }

  radio({ name, on }: Named & { readonly on: boolean }): HandsetView {
    return this.#do(name, handset => handset.switchRadio(on))
  }

  cable({ name, on }: Named & { readonly on: boolean }): HandsetView {
    return this.#do(name, handset => handset.switchCable(on))
  }

  /** Throws `HANDSET_OFF`, `LINK_BUSY` or `LINK_LOST`. */
  type({ name, bytes }: Named & { readonly bytes: string }): void {
    const { handset, line } = this.#place(name)
    if (line) throw busy(handset.view().link)
    if (!handset.board.cable) {
      throw new CodedError('LINK_LOST', `The cable of ${name} is out. Put it in first.`, { name })
    }
    mustBeOn(handset, name)
    handset.receive(new Uint8Array(Buffer.from(bytes, 'base64')))
  }

  /** Rejects with `HANDSET_OFF`, `SOFTWARE_NOT_RUNNING`, `RAM_INSUFFICIENT` or `RAM_SECURED`. */
  async secureRam({ name, bytes }: Named & { readonly bytes: number }): Promise<HandsetView> {
    const place = this.#place(name)
    const { handset } = place
    mustBeOn(handset, name)
    await handset.secureRam(bytes)
    place.publish()
    return handset.view()
  }

  /** Throws `UPDATE_RUNNING` where an update holds the area. */
  releaseRam({ name }: Named): HandsetView {
    return this.#do(name, handset => handset.releaseRam())
  }

  /**
   * Has a handset ask its carrier for an update, and goes back at once. Throws `HANDSET_OFF`,
   * `SOFTWARE_NOT_RUNNING`, `RADIO_OFF` or `UPDATE_RUNNING`.
   */
  update({ name }: Named): HandsetView {
    return this.#do(name, handset => {
      mustBeOn(handset, name)
      handset.startUpdate()
    })
  }

  /** Throws `UPDATE_RUNNING` once the flash is being rewritten. */
  cancelUpdate({ name }: Named): HandsetView {
    return this.#do(name, handset => handset.cancelUpdate())
  }

  async remove({ name }: Named): Promise<void> {
    const place = this.#place(name)
    this.#places.delete(name)
    const closed = place.close()
    // Told at once: another handset may have the name as soon as it is free.
    this.#parts.events.publish({ kind: 'handset-removed', name })
    await closed
  }

  /**
   * Holds the other end of a handset's cable, until it is closed. A handset that is off is silent.
   * Rejects with `LINK_NOT_FOUND` or `LINK_BUSY`.
   */
  async connect(name: string): Promise<ByteLink> {
    const link = formatLink({ kind: 'virtual', name })
    const place = this.#places.get(name)
    if (!place) {
      const message = `This workbench has no virtual handset named "${name}". Make it first.`
      throw new CodedError('LINK_NOT_FOUND', message, { link })
    }
    if (place.line) throw busy(link)
    const { clock, memoryPair, baud = VIRTUAL_BAUD } = this.#parts
    const [ours, theirs] = memoryPair({ names: [`${link} (handset)`, link], baud })
    place.line = ours
    ours.onClose(() => (place.line = undefined))
    // Each end is kept to the rate of the line, so that each knows what is not carried yet.
    place.handset.attach(throttleWrites(ours, { baud, clock }))
    return throttleWrites(theirs, { baud, clock })
  }

  async close(): Promise<void> {
    const places = [...this.#places.values()]
    this.#places.clear()
    await Promise.all(places.map(place => place.close()))
    await this.#parts.cpuHost.close()
  }

  /** What a handset reaches beside its cable. */
  #connections(): Pick<HandsetParts, 'radio' | 'onDefect'> {
    const { clock, carrierAddress: address, onDefect } = this.#parts
    const radio = address && new FetchRadio({ address, clock })
    return { ...(radio ? { radio } : {}), ...(onDefect ? { onDefect } : {}) }
  }

  #do(name: string, act: (handset: Handset) => void): HandsetView {
    const place = this.#place(name)
    act(place.handset)
    place.publish()
    return place.handset.view()
  }

  #handset(name: string): Handset {
    return this.#place(name).handset
  }

  #place(name: string): HandsetPlace {
    const place = this.#places.get(name)
    if (place) return place
    const message = `There is no handset named "${name}".`
    throw new CodedError('HANDSET_UNKNOWN', message, { name })
  }
}

function mustBeOn(handset: Handset, name: string): void {
  if (handset.state !== 'off') return
  throw new CodedError('HANDSET_OFF', `${name} is switched off. Switch it on first.`, { name })
}

function tooManyFaults(name: string): CodedError {
  const message = `${FAULTS_MAX} faults are planned for ${name}. Take them back first.`
  return new CodedError('BAD_FAULT', message, { name })
}

function busy(link: string): CodedError {
  const message = `${link} is in use. A handset has one cable; end the other restore first.`
  return new CodedError('LINK_BUSY', message, { link })
}
