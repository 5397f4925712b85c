import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { BlobStore } from '../storage/blob-store'
import { flatten } from '../wire/image/firmware-image'
import { type Inquiry, UPDATE_FILE_BYTES_MAX } from '../wire/update/messages'
import type { CatalogueRelease } from './catalogue'
import type { SoftwareShelf } from './software-shelf'
import type { CarrierStore, MadeFile, MadeFor } from './store'

/** What a file is made of, and for what. */
export interface FileOrder {
  /** Empty: the file is to hold the whole new image and to take any old one. */
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  readonly sectorBytes: number
  readonly stashBytes: number
  /** RAM that rewriting may take beside the file. */
  readonly ramBytes: number
  readonly signal: AbortSignal
}

/** Makes a file that rewrites a region in place. Rejects with `OPTION_UNFIT` where nothing fits. */
export type MakeFile = (order: FileOrder) => Promise<NewFile>

export interface NewFile extends Pick<MadeFile, 'workBytes' | 'fullBytes'> {
  readonly file: Uint8Array
}

/** The software with this SHA-256 that handsets leave the factory with; undefined for any other. */
export type FactoryImage = (sha256: string) => Uint8Array | undefined

export interface FileShelfParts {
  readonly store: CarrierStore
  readonly blobs: BlobStore
  readonly software: SoftwareShelf
  readonly makeFile: MakeFile
  readonly factoryImage: FactoryImage
  readonly clock: Clock
  /** Aborted when the server ends. */
  readonly signal: AbortSignal
}

/** The whole image, whatever the handset holds. */
export const NO_BASE = ''
/** More RAM makes no better file. */
const WORK_BYTES_MAX = 64 * 1024
/** Files under way at the same time, most of them waiting for their turn. */
const ORDERS_MAX = 16

/** The files for updates: each is made once, when it is first asked for, and kept. */
export class FileShelf {
  readonly #parts: FileShelfParts
  readonly #underWay = new Map<string, Promise<MadeFile>>()
  /** Making takes a whole core, so one file is made after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: FileShelfParts) {
    this.#parts = parts
  }

  /**
   * The file that brings a release to a handset: the differential one where what the handset holds
   * is in the library or came from the factory and the file is smaller, else the whole image
   * (S0-28, S0-30). Rejects with
   * `IMAGE_UNKNOWN` or `BLOB_DAMAGED` where the library lost the release's image, with
   * `SERVER_BUSY` and with `CANCELLED`.
   */
  async fileFor(release: CatalogueRelease, inquiry: Inquiry): Promise<MadeFile> {
    const { sectorBytes, stashBytes } = inquiry.flash
    const { ramBytes } = inquiry
    const fitted = { releaseId: release.id, sectorBytes, stashBytes, ramBytes }
    const whole = () => this.#kept({ ...fitted, base: NO_BASE }, release)
    const base = inquiry.software?.sha256
    if (base === undefined || !(await this.#knows(base))) return whole()
    const differential = await this.#kept({ ...fitted, base }, release)
    if (differential.bytes < differential.fullBytes) return differential
    const full = await whole()
    return differential.bytes < full.bytes ? differential : full
  }

  /** Made again where its bytes are gone; the same order always gives the same bytes. */
  async bytesOf(file: MadeFile, release: CatalogueRelease): Promise<Uint8Array> {
    const kept = await this.#blob(file.sha256)
    if (kept) return kept
    const again = await this.#made(file, release)
    const bytes = again.sha256 === file.sha256 ? await this.#blob(again.sha256) : undefined
    if (bytes) return bytes
    const message = `The file ${file.sha256} is lost and cannot be made again. Ask for an update again.`
    throw new CodedError('FILE_GONE', message, { sha256: file.sha256 })
  }

  /** Resolves when nothing is being made any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay.values())
  }

  async #kept(madeFor: MadeFor, release: CatalogueRelease): Promise<MadeFile> {
    const known = await this.#parts.store.file(madeFor)
    if (known && (await this.#parts.blobs.has(known.sha256))) return known
    return this.#made(madeFor, release)
  }

  /** Whoever asks for a file that is being made waits for the same one. */
  #made(madeFor: MadeFor, release: CatalogueRelease): Promise<MadeFile> {
    const { base, releaseId, sectorBytes, stashBytes, ramBytes } = madeFor
    const name = [base, releaseId, sectorBytes, stashBytes, ramBytes].join()
    const underWay = this.#underWay.get(name)
    if (underWay) return underWay
    if (this.#parts.signal.aborted) throw ended()
    if (this.#underWay.size >= ORDERS_MAX) throw busy()
    const making = this.#inTurn(() => this.#make(madeFor, release)).finally(() =>
      this.#underWay.delete(name),
    )
    // It goes on where nobody waits for it any more; whoever asks next hears how it ended.
    making.catch(() => undefined)
    this.#underWay.set(name, making)
    return making
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #make(madeFor: MadeFor, release: CatalogueRelease): Promise<MadeFile> {
    const { blobs, clock, software, store } = this.#parts
    const landed = clock.busy()
    try {
      const image = await software.image(release.digest)
      const old =
        madeFor.base === NO_BASE ? new Uint8Array() : await this.#imageOrFail(madeFor.base)
      const { file, workBytes, fullBytes } = await this.#fitting(madeFor, old, flatten(image).data)
      const { digest } = await blobs.put([file], { bytes: UPDATE_FILE_BYTES_MAX, tooLarge })
      const { base, releaseId, sectorBytes, stashBytes, ramBytes } = madeFor
      const key = { base, releaseId, sectorBytes, stashBytes, ramBytes }
      const made = { ...key, sha256: digest, bytes: file.length, workBytes, fullBytes }
      await store.keepFile(made, clock.now())
      return made
    } finally {
      landed()
    }
  }

  /**
   * More RAM for the work makes a smaller file, but both must fit together. Where they do not in
   * any way, the handset finds out by the announced sizes and reports it (S0-05).
   */
  async #fitting(madeFor: MadeFor, old: Uint8Array, fresh: Uint8Array): Promise<NewFile> {
    const { sectorBytes, stashBytes, ramBytes } = madeFor
    const { makeFile, signal } = this.#parts
    const within = (bytes: number) =>
      makeFile({ old, fresh, sectorBytes, stashBytes, ramBytes: bytes, signal })
    const first = await within(Math.min(WORK_BYTES_MAX, ramBytes)).catch((error: unknown) => {
      if (isUnfit(error)) return within(WORK_BYTES_MAX)
      throw error
    })
    const left = ramBytes - first.file.length
    if (first.workBytes <= left || left <= 0) return first
    return within(left).catch((error: unknown) => {
      if (isUnfit(error)) return first
      throw error
    })
  }

  async #knows(sha256: string): Promise<boolean> {
    const { factoryImage, software } = this.#parts
    return ((await software.digestOf(sha256)) ?? factoryImage(sha256)) !== undefined
  }

  async #imageOrFail(sha256: string): Promise<Uint8Array> {
    const image = (await this.#imageOf(sha256)) ?? this.#parts.factoryImage(sha256)
    if (image) return image
    const message = `No image with the content ${sha256} is in the library any more.`
    throw new CodedError('IMAGE_UNKNOWN', message, { sha256 })
  }

  /** What lands in the flash; undefined where the library has no such image, or lost it. */
  async #imageOf(sha256: string): Promise<Uint8Array | undefined> {
    const { software } = this.#parts
    const digest = await software.digestOf(sha256)
    if (digest === undefined) return undefined
    try {
      return flatten(await software.image(digest)).data
    } catch (error) {
      if (isLost(error)) return undefined
      throw error
    }
  }

  async #blob(sha256: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#parts.blobs.get(sha256)
    } catch (error) {
      if (isLost(error)) return undefined
      throw error
    }
  }
}

/** The library has no longer what was put there; it tells people itself. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof CodedError && (error.code === 'IMAGE_UNKNOWN' || error.code === 'BLOB_DAMAGED')
  )
}

function isUnfit(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'OPTION_UNFIT'
}

function busy(): CodedError {
  const message = `${ORDERS_MAX} files are being made. Ask again in a minute.`
  return new CodedError('SERVER_BUSY', message, { limit: ORDERS_MAX })
}

function ended(): CodedError {
  return new CodedError('CANCELLED', 'The server ends. Ask again once it runs.')
}

function tooLarge(): CodedError {
  const message = `The file would have more than ${UPDATE_FILE_BYTES_MAX} bytes.`
  return new CodedError('RELEASE_UNFIT', message, { limit: UPDATE_FILE_BYTES_MAX })
}
