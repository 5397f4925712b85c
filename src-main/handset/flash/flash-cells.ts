import { invariant } from '../../base/assert'
import type { FlashGeometry } from './flash-port'
import type { SectorPool } from './sector-pool'

export const ERASED = 0xff

/** What {@link FlashCells.erasedSectors} knows of a sector. */
const UNKNOWN = 0
const IS_ERASED = 1
const IS_NOT_ERASED = 2

export interface FlashCellsOptions {
  readonly geometry: FlashGeometry
  /** The whole chip; erased where it is left out. */
  readonly contents?: Uint8Array | undefined
  readonly share?: ((bytes: number) => Uint8Array) | undefined
}

interface CellState {
  readonly live: Uint8Array | undefined
  /** An erased sector, for all of them. */
  readonly blank: Uint8Array
  readonly sectors: Uint8Array[]
  /** 1 for each sector that no other chip has. */
  readonly owned: Uint8Array
  readonly known: Uint8Array
}

/** The cells of a flash, sector by sector. Chips that were cloned share what none has changed. */
export class FlashCells {
  /** The whole chip, contiguous and always current; undefined where it was not asked for. */
  readonly live: Uint8Array | undefined
  readonly #geometry: FlashGeometry
  readonly #blank: Uint8Array
  readonly #sectors: Uint8Array[]
  readonly #owned: Uint8Array
  readonly #known: Uint8Array

  constructor(geometry: FlashGeometry, { live, blank, sectors, owned, known }: CellState) {
    this.#geometry = geometry
    this.live = live
    this.#blank = blank
    this.#sectors = sectors
    this.#owned = owned
    this.#known = known
  }

  /** The bytes of a sector, to look at. */
  sector(number: number): Uint8Array {
    const sector = this.#sectors[number]
    invariant(sector, 'the range was checked')
    return sector
  }

  read(address: number, length: number): Uint8Array {
    if (this.live) return this.live.slice(address, address + length)
    const { sectorBytes } = this.#geometry
    const within = address % sectorBytes
    if (within + length <= sectorBytes) {
      return this.sector((address - within) / sectorBytes).slice(within, within + length)
    }
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const offset = (address + at) % sectorBytes
      const count = Math.min(sectorBytes - offset, length - at)
      const sector = this.sector(Math.floor((address + at) / sectorBytes))
      bytes.set(sector.subarray(offset, offset + count), at)
      at += count
    }
    return bytes
  }

  store(number: number, bytes: Uint8Array, offset = 0): void {
    this.#own(number).set(bytes, offset)
    this.#known[number] = UNKNOWN
  }

  /** Brings down the bits that are 0 in these bytes. */
  clear(number: number, bytes: Uint8Array, offset: number): void {
    const sector = this.#own(number)
    for (let at = 0; at < bytes.length; at++) {
      sector[offset + at] = (sector[offset + at] ?? 0) & (bytes[at] ?? 0)
    }
    this.#known[number] = UNKNOWN
  }

  /** Makes every bit of a sector 1. Gives what it held; nobody changes that any more. */
  erase(number: number): Uint8Array {
    const sector = this.sector(number)
    this.#known[number] = IS_ERASED
    if (!this.live) {
      this.#sectors[number] = this.#blank
      this.#owned[number] = 0
      return sector
    }
    const before = sector.slice()
    sector.set(this.#blank)
    return before
  }

  erasedSectors(): boolean[] {
    return this.#sectors.map((sector, number) => {
      if (this.#known[number] === UNKNOWN) {
        const isErased = sector.every(byte => byte === ERASED)
        this.#known[number] = isErased ? IS_ERASED : IS_NOT_ERASED
      }
      return this.#known[number] === IS_ERASED
    })
  }

  /** Holds no sector of its own that the pool has as well. */
  share(pool: SectorPool): void {
    // What is live is one piece of memory, which others see.
    if (this.live) return
    for (const [number, sector] of this.#sectors.entries()) {
      if (this.#owned[number] !== 1) continue
      this.#sectors[number] = pool.same(sector)
      this.#owned[number] = 0
    }
  }

  /** The same cells for another chip. What is live is copied, since others see every change of it. */
  clone(): FlashCells {
    const known = this.#known.slice()
    const state = { live: undefined, blank: this.#blank, known }
    if (this.live) {
      const chip = new Uint8Array(this.live)
      const sectors = sectorsOf(chip, this.#geometry)
      const owned = new Uint8Array(sectors.length).fill(1)
      return new FlashCells(this.#geometry, { ...state, sectors, owned })
    }
    const sectors = this.#sectors.slice()
    const owned = new Uint8Array(sectors.length)
    this.#owned.fill(0)
    return new FlashCells(this.#geometry, { ...state, sectors, owned })
  }

  #own(number: number): Uint8Array {
    const sector = this.sector(number)
    if (this.#owned[number] === 1) return sector
    const copy = sector.slice()
    this.#sectors[number] = copy
    this.#owned[number] = 1
    return copy
  }
}

export function makeCells({ geometry, contents, share }: FlashCellsOptions): FlashCells {
  const { bytes, sectorBytes } = geometry
  invariant(contents === undefined || contents.length === bytes, 'a chip is given whole')
  const count = bytes / sectorBytes
  const known = new Uint8Array(count)
  const live = share?.(bytes)
  if (live) {
    invariant(live.length === bytes, 'the whole chip is shared')
    if (contents) live.set(contents)
    else live.fill(ERASED)
  }
  const blank = new Uint8Array(sectorBytes).fill(ERASED)
  const chip = live ?? contents?.slice()
  const sectors = chip ? sectorsOf(chip, geometry) : Array.from({ length: count }, () => blank)
  const owned = new Uint8Array(count).fill(chip ? 1 : 0)
  return new FlashCells(geometry, { live, blank, sectors, owned, known })
}

function sectorsOf(chip: Uint8Array, { bytes, sectorBytes }: FlashGeometry): Uint8Array[] {
  return Array.from({ length: bytes / sectorBytes }, (_, sector) => {
    return chip.subarray(sector * sectorBytes, (sector + 1) * sectorBytes)
  })
}
