import { type DeltaFile, readDeltaFile, type Sha256 } from './delta-file'
import { unsupported } from './delta-errors'
import { type InPlaceFile, isInPlace, readLayout, type RewriteLayout } from './rewrite-layout'
import type { RewritePlan, RewriteSource, RewriteStep } from './rewrite-source'
import type { ReadOld } from './predictor'
import { PartBuilder, SectorDecoder, type SectorPart } from './sector-decoder'
import { type SectorPlace, sectorsInOrder } from './write-order'

/**
 * The steps of an in-place file, decoded as they are asked for, in memory that the header's
 * `ramBytes` bounds. The file's own SHA-256 is checked, that of the new image is not: see
 * `proveDelta`. Throws `DELTA_DAMAGED` or `DELTA_UNSUPPORTED`.
 */
export function openRewriteSource(file: Uint8Array, sha256: Sha256): RewriteSource {
  return new StreamedSource(inPlace(readDeltaFile(file, sha256)))
}

/** The same with all steps decoded ahead: they can be asked for in any order, again and again. */
export function decodeAhead(file: Uint8Array, sha256: Sha256): RewriteSource {
  const delta = inPlace(readDeltaFile(file, sha256))
  const layout = readLayout(delta)
  const decoder = new SectorDecoder(delta)
  const steps: DecodedPart[][] = []
  for (const place of sectorsInOrder(layout.geometry)) {
    if (place.isFirst) decoder.enterGroup(place.group)
    const decoded: DecodedPart[] = []
    for (const part of decoder.parts(place.end)) {
      const bytes = Uint8Array.from({ length: part.length }, () => decoder.byteOf(part))
      decoded.push({ ...part, bytes })
    }
    if (layout.sectors.stepOf(place.sector) >= 0) steps.push(decoded)
  }
  decoder.finish()
  const builder = new PartBuilder(delta, layout)
  return {
    plan: planOf(delta, layout),
    *pieces(step, readOld) {
      for (const part of steps[step] ?? []) {
        let at = 0
        yield* builder.pieces(part, () => part.bytes[at++] ?? 0, readOld)
      }
    },
  }
}

interface DecodedPart extends SectorPart {
  /** Literals, or what is added to the prediction. */
  readonly bytes: Uint8Array
}

class StreamedSource implements RewriteSource {
  readonly plan: RewritePlan
  readonly #layout: RewriteLayout
  readonly #decoder: SectorDecoder
  readonly #builder: PartBuilder
  readonly #places: Iterator<SectorPlace>
  #nextStep = 0
  #isWithinStep = false

  constructor(delta: InPlaceFile) {
    this.#layout = readLayout(delta)
    this.plan = planOf(delta, this.#layout)
    this.#decoder = new SectorDecoder(delta)
    this.#builder = new PartBuilder(delta, this.#layout)
    this.#places = sectorsInOrder(this.#layout.geometry)
  }

  *pieces(step: number, readOld: ReadOld): Generator<Uint8Array> {
    if (step < this.#nextStep || this.#isWithinStep) {
      throw new Error('A streamed source gives steps in rising order, to the end of each.')
    }
    this.#nextStep = step + 1
    this.#isWithinStep = true
    const decoder = this.#decoder
    const { end } = this.#enter(step)
    for (const part of decoder.parts(end)) {
      yield* this.#builder.pieces(part, () => decoder.byteOf(part), readOld)
    }
    this.#isWithinStep = false
  }

  /** Decodes, and throws away, what comes before the sector of a step. */
  #enter(step: number): SectorPlace {
    for (;;) {
      const { value: place, done } = this.#places.next()
      if (done) throw new RangeError(`There is no step ${step}.`)
      if (place.isFirst) this.#decoder.enterGroup(place.group)
      if (this.#layout.sectors.stepOf(place.sector) === step) return place
      for (const part of this.#decoder.parts(place.end)) {
        for (let count = 0; count < part.length; count++) this.#decoder.byteOf(part)
      }
    }
  }
}

function inPlace(delta: DeltaFile): InPlaceFile {
  if (isInPlace(delta)) return delta
  throw unsupported('is not for rewriting in place. Make one with "delta make --in-place".')
}

function planOf({ header }: InPlaceFile, { sectors, needs }: RewriteLayout): RewritePlan {
  const { oldBytes, oldDigest, newBytes, newDigest, rewrite } = header
  const { sectorBytes } = rewrite
  const steps = Array.from(sectors.inOrder(), (sector, step): RewriteStep => {
    const bytes = Math.min(sectorBytes, newBytes - sector * sectorBytes)
    return { sector, bytes, backup: needs.backupOf(step) }
  })
  const images = { oldBytes, oldDigest, newBytes, newDigest }
  return { sectorBytes, ...images, stash: needs.stash, steps }
}
