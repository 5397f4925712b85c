import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { toHex } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import { firmwareView, type FirmwareView } from '../../contract/handsets'
import { describedSoftware } from '../../wire/image/descriptor'
import { regionOf, type HandsetModel } from '../model/model'
import { nodeSha256 } from './node-sha256'

const LIST_FILE = 'firmware.json'
/** What `scripts/build-firmware.mjs` writes: in the order in which software follows software. */
const firmwareList = z.array(firmwareView.extend({ file: z.string().regex(/^[\w.-]+$/) }))
type FirmwareEntry = z.infer<typeof firmwareList>[number]

/** The firmware that comes with the product, from its folder `resources/firmware`. */
export class BuiltInSoftware {
  readonly #findFolder: () => string
  #entries: readonly FirmwareEntry[] | undefined
  readonly #images = new Map<string, Uint8Array>()

  /** Looks for nothing before it is asked. */
  constructor(findFolder: () => string) {
    this.#findFolder = findFolder
  }

  list(): FirmwareView[] {
    return this.#read().map(({ file: _file, ...view }) => view)
  }

  /**
   * The image that a model leaves the factory with: the version that is named, none for null, the
   * model's first one where nothing is said. Throws a CodedError `SOFTWARE_UNKNOWN`.
   */
  chosen(model: string, version: string | null | undefined): Uint8Array | undefined {
    if (version === null) return undefined
    if (version !== undefined) return this.image(model, version)
    const [first] = this.#of(model)
    return first && this.#load(first)
  }

  /** Throws a CodedError `SOFTWARE_UNKNOWN` that names what there is. */
  image(model: string, version: string): Uint8Array {
    const entries = this.#of(model)
    const entry = entries.find(candidate => candidate.version === version)
    if (entry) return this.#load(entry)
    const known = entries.map(candidate => candidate.version).join(', ') || 'none'
    const message = `There is no built-in software ${version} for a ${model}. There is: ${known}.`
    throw new CodedError('SOFTWARE_UNKNOWN', message, { model, version })
  }

  /** The image with this SHA-256, in hexadecimal digits; undefined where none has it. */
  withDigest(sha256: string): Uint8Array | undefined {
    const entry = this.#read().find(candidate => candidate.sha256 === sha256)
    return entry && this.#load(entry)
  }

  /** What follows the software of a chip, or its model's first; undefined where it has none. */
  next(model: HandsetModel, chip: Uint8Array): Uint8Array | undefined {
    const entries = this.#of(model.name)
    const { address, bytes: length } = regionOf(model, 'executable')
    const read = (at: number, bytes: number) => chip.subarray(address + at, address + at + bytes)
    const version = describedSoftware({ length, read })?.version
    const index = entries.findIndex(entry => entry.version === version)
    const next = entries[index + 1] ?? entries[0]
    return next && this.#load(next)
  }

  #of(model: string): FirmwareEntry[] {
    return this.#read().filter(entry => entry.model === model)
  }

  #read(): readonly FirmwareEntry[] {
    this.#entries ??= firmwareList.parse(
      JSON.parse(readFileSync(join(this.#findFolder(), LIST_FILE), 'utf8')),
    )
    return this.#entries
  }

  #load(entry: FirmwareEntry): Uint8Array {
    const known = this.#images.get(entry.file)
    if (known) return known
    const file = join(this.#findFolder(), entry.file)
    const image = new Uint8Array(readFileSync(file))
    if (toHex(nodeSha256([image])) !== entry.sha256) {
      throw new Error(`${file} is not what ${LIST_FILE} says. Install Kintsugi again.`)
    }
    this.#images.set(entry.file, image)
    return image
  }
}

export const builtInSoftware = new BuiltInSoftware(() => findFirmwareFolder(import.meta.dirname))

/**
 * The folder of the built images, looked for from a module's own folder upwards: the bundler puts
 * modules into different folders of `out`, and tests run them from where they were written.
 */
function findFirmwareFolder(from: string): string {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, 'resources', 'firmware')
    if (existsSync(join(candidate, LIST_FILE))) return candidate
  }
  throw new Error('Kintsugi’s own firmware is missing. Install Kintsugi again.')
}
