import { toHex } from '../../base/bytes'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import { seededRandom } from '../../base/random'
import type { HandsetView } from '../../contract/handsets'
import { formatLink } from '../../contract/link-address'
import type { ByteLink } from '../../link/byte-link'
import type { EventSink } from '../../observe/events'
import { brickChip, makeChip } from '../chip'
import { FLASH_FAULT_POINT, NorFlash } from '../flash/nor-flash'
import { Handset } from '../handset'
import { throttleLink } from '../link-throttle'
import { modelNamed, modelNames } from './models'
import { nodeSha256 } from './node-sha256'

/** Fast enough not to bore, slow enough to watch. */
const VIRTUAL_BAUD = 921_600
const EVENT_INTERVAL_MS = 100

interface Named {
  readonly name: string
}

export interface NewHandset extends Named {
  readonly model: string
  /** Without software that could run, in the middle of a rewrite; else without any. */
  readonly bricked: boolean
  readonly seed: number
}

export interface HandsetServiceParts {
  readonly clock: Clock
  readonly events: EventSink
  /** Two ends of one line in memory. */
  readonly memoryPair: (options: {
    readonly names: readonly [string, string]
    readonly baud: number
  }) => readonly [ByteLink, ByteLink]
  /** Of the workbench: decides what torn operations leave behind. */
  readonly seed: number
  /** Rate of the line to a virtual handset, both ways. */
  readonly baud?: number
}

interface Place {
  readonly handset: Handset
  /** The handset's end of the cable, while someone holds the other one. */
  line: ByteLink | undefined
  cancelEvent: (() => void) | undefined
}

/** The virtual handsets of a workbench. They live in memory, as long as the workbench does. */
export class HandsetService {
  readonly #parts: HandsetServiceParts
  readonly #places = new Map<string, Place>()

  constructor(parts: HandsetServiceParts) {
    this.#parts = parts
  }

  list(): HandsetView[] {
    return [...this.#places.values()].map(({ handset }) => handset.view())
  }

  models(): string[] {
    return modelNames()
  }

  /** Throws `HANDSET_UNKNOWN` or `BAD_ADDRESS`. */
  flash({ name, address, length }: Named & { readonly address: number; readonly length: number }): {
    hex: string
    sha256: string
  } {
    const { flash } = this.#place(name).handset
    if (address + length > flash.geometry.bytes) {
      const message = `The flash of ${name} ends at ${flash.geometry.bytes}; asked for ${length} bytes at ${address}.`
      throw new CodedError('BAD_ADDRESS', message, { address, length })
    }
    const bytes = flash.peek(address, length)
    return { hex: toHex(bytes), sha256: toHex(nodeSha256([bytes])) }
  }

  /** Throws `HANDSET_EXISTS` or `MODEL_UNKNOWN`. */
  create({ name, model: modelName, bricked, seed }: NewHandset): HandsetView {
    if (this.#places.has(name)) {
      const message = `A handset named "${name}" exists. Take another name, or remove that one.`
      throw new CodedError('HANDSET_EXISTS', message, { name })
    }
    const model = modelNamed(modelName)
    const order = { model, name, seed, sha256: nodeSha256 }
    const contents = makeChip(order)
    if (bricked) brickChip(contents, order)
    const random = seededRandom(this.#parts.seed ^ seed)
    const flash = new NorFlash({
      geometry: model.flash,
      timing: model.flash.timing,
      contents,
      random,
    })
    const link = formatLink({ kind: 'virtual', name })
    const { clock } = this.#parts
    const handset = new Handset({ name, link, model, flash, clock, sha256: nodeSha256 })
    const place: Place = { handset, line: undefined, cancelEvent: undefined }
    this.#places.set(name, place)
    this.#announce(place)
    handset.powerOn()
    return handset.view()
  }

  power({ name, on }: Named & { readonly on: boolean }): HandsetView {
    const { handset } = this.#place(name)
    if (on) handset.powerOn()
    else handset.powerOff()
    return handset.view()
  }

  /** Plans a cut at the n-th flash operation from now in place of an earlier plan, or none. */
  cutPower({ name, inOperations }: Named & { readonly inOperations: number | null }): HandsetView {
    const place = this.#place(name)
    const { faults } = place.handset.flash
    faults.clear(FLASH_FAULT_POINT)
    if (inOperations !== null) {
      const at = faults.passed(FLASH_FAULT_POINT) + inOperations
      faults.add({ point: FLASH_FAULT_POINT, kind: 'power-cut', at })
    }
    this.#publish(place)
    return place.handset.view()
  }

  async remove({ name }: Named): Promise<void> {
    const place = this.#place(name)
    this.#places.delete(name)
    await this.#discard(place)
    this.#parts.events.publish({ kind: 'handset-removed', name })
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
    if (place.line) {
      const message = `${link} is in use. A handset has one cable; end the other restore first.`
      throw new CodedError('LINK_BUSY', message, { link })
    }
    const { clock, memoryPair, baud = VIRTUAL_BAUD } = this.#parts
    const [ours, theirs] = memoryPair({ names: [`${link} (handset)`, link], baud })
    place.line = ours
    ours.onClose(() => (place.line = undefined))
    place.handset.attach(ours)
    return throttleLink(theirs, { baud, clock })
  }

  async close(): Promise<void> {
    const places = [...this.#places.values()]
    this.#places.clear()
    await Promise.all(places.map(place => this.#discard(place)))
  }

  async #discard(place: Place): Promise<void> {
    place.handset.powerOff()
    place.cancelEvent?.()
    await place.line?.close()
  }

  #place(name: string): Place {
    const place = this.#places.get(name)
    if (place) return place
    const message = `There is no handset named "${name}".`
    throw new CodedError('HANDSET_UNKNOWN', message, { name })
  }

  /** A change of state is told at once, moving bytes ten times a second. */
  #announce(place: Place): void {
    let told = place.handset.state
    place.handset.onChange(() => {
      if (place.handset.state !== told) {
        told = place.handset.state
        this.#publish(place)
      } else {
        place.cancelEvent ??= this.#parts.clock.after(EVENT_INTERVAL_MS, () => this.#publish(place))
      }
    })
  }

  #publish(place: Place): void {
    place.cancelEvent?.()
    place.cancelEvent = undefined
    this.#parts.events.publish({ kind: 'handset-changed', handset: place.handset.view() })
  }
}
