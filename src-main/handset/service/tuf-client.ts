import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Metadata, MetadataKind } from '@tufjs/models'
import { type Fetcher, Updater } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'
import { CodedError } from '../../base/coded-error'
import {
  METADATA_BYTES_MAX,
  type MetadataRole,
  readableRoot,
  ROOTS_MAX,
} from '../../wire/metadata/messages'
import type {
  KeptMetadata,
  MetadataClient,
  RefreshOrder,
  Refreshed,
} from '../trust/metadata-client'

/** The library wants an origin; documents come over the radio, wherever the carrier is. */
const BASE = 'http://carrier.invalid/'
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const
/** What the library calls HTTP 404. */
const ABSENT = 404

/**
 * The only door to `tuf-js`, which follows the client workflow of the TUF specification. It works
 * on files and the time of the host; this adapter gives it a folder for as long as it works, our
 * own fetcher and the handset's time.
 */
export class TufClient implements MetadataClient {
  checkRoot(root: string): void {
    try {
      const metadata = Metadata.fromJSON(MetadataKind.Root, JSON.parse(root))
      metadata.verifyDelegate('root', metadata)
      readableRoot.parse(JSON.parse(root))
    } catch (cause) {
      const message =
        'This is no root metadata that names a vendor and signs itself. Take the newest root of the vendor.'
      throw new CodedError('ROOT_UNFIT', message, {}, { cause })
    }
  }

  async refresh({ kept, now, path, fetch }: RefreshOrder): Promise<Refreshed> {
    const folder = mkdtempSync(join(tmpdir(), 'kintsugi-metadata-'))
    const fetcher = new RadioFetcher(fetch)
    try {
      for (const role of ROLES) writeKept(folder, role, kept[role])
      const updater = updaterOn(folder, fetcher, now)
      const proved = await targetAt(path, updater).catch((error: unknown) => ({
        target: undefined,
        failure: fetcher.failure ?? failureOf(error),
      }))
      // What was proved before it failed stays proved: a newer root must not be forgotten.
      return { ...proved, kept: keptIn(folder, kept) }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Bounds every document by our own limits, whatever other documents announce. */
class RadioFetcher implements Fetcher {
  /** The library wraps what it catches; this is what it was. */
  failure: Error | undefined
  readonly #fetch: RefreshOrder['fetch']

  constructor(fetch: RefreshOrder['fetch']) {
    this.#fetch = fetch
  }

  downloadFile(): Promise<never> {
    return Promise.reject(new Error('Targets are never fetched by way of their metadata'))
  }

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const file = url.slice(BASE.length)
    const bytes = await this.#fetched(file, Math.min(maxLength, limitOf(file)))
    if (bytes) return Buffer.from(bytes)
    throw new DownloadHTTPError('Failed to download', ABSENT)
  }

  async #fetched(file: string, bytesMax: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#fetch(file, bytesMax)
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }
}

function limitOf(file: string): number {
  const role = ROLES.find(each => file.endsWith(`${each}.json`))
  return role ? METADATA_BYTES_MAX[role] : 0
}

function updaterOn(folder: string, fetcher: Fetcher, now: number): Updater {
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: BASE,
    fetcher,
    config: {
      maxRootRotations: ROOTS_MAX,
      rootMaxLength: METADATA_BYTES_MAX.root,
      timestampMaxLength: METADATA_BYTES_MAX.timestamp,
      snapshotMaxLength: METADATA_BYTES_MAX.snapshot,
      targetsMaxLength: METADATA_BYTES_MAX.targets,
      // Vendors sign their targets themselves.
      maxDelegations: 0,
    },
  })
  setReferenceTime(updater, now)
  return updater
}

/**
 * The library takes the host's time as it is made and has no option for another. Its version is
 * pinned, and a test fails where this does not reach it any more.
 */
function setReferenceTime(updater: Updater, now: number): void {
  const { trustedSet } = updater as unknown as { trustedSet?: { referenceTime?: unknown } }
  if (!(trustedSet?.referenceTime instanceof Date)) {
    throw new Error('tuf-js keeps its reference time elsewhere: this adapter does not fit it')
  }
  trustedSet.referenceTime = new Date(now)
}

async function targetAt(path: string, updater: Updater): Promise<Omit<Refreshed, 'kept'>> {
  await updater.refresh()
  const found = await updater.getTargetInfo(path)
  const target = found && {
    bytes: found.length,
    sha256: found.hashes['sha256'],
    custom: found.custom,
  }
  return { target, failure: undefined }
}

function writeKept(folder: string, role: MetadataRole, document: string | undefined): void {
  if (document !== undefined) writeFileSync(join(folder, `${role}.json`), document)
}

function keptIn(folder: string, before: KeptMetadata): KeptMetadata {
  const documents = ROLES.map(role => [role, readKept(folder, role)] as const)
  const there = documents.filter(([, document]) => document !== undefined)
  return { ...before, ...Object.fromEntries(there) }
}

/** Undefined: nothing was ever proved of that role. */
function readKept(folder: string, role: MetadataRole): string | undefined {
  try {
    return readFileSync(join(folder, `${role}.json`), 'utf8')
  } catch {
    return undefined
  }
}

/** The library says what is wrong in words alone; a code that scripts can use is made of them. */
const REFUSALS: readonly (readonly [words: RegExp, code: string, message: string])[] = [
  [/is expired/, 'METADATA_EXPIRED', 'Nobody vouches for it any more: it has ended'],
  [
    /is less than current version|Expected version/,
    'METADATA_OLDER',
    'Older metadata was sent than the handset holds',
  ],
  [
    /doesn't match timestamp|does not match snapshot|in new snapshot|Expected length|Expected hash/,
    'METADATA_MIXED',
    'Its documents do not belong together',
  ],
  [/was signed by \d+\/\d+ keys/, 'METADATA_UNSIGNED', 'Whoever signed it is not who has to'],
  [/Failed to download/, 'METADATA_MISSING', 'The carrier does not have all of it'],
]

function failureOf(error: unknown): CodedError {
  const words = error instanceof Error ? error.message : String(error)
  const known = REFUSALS.find(([pattern]) => pattern.test(words))
  const [, code, what] = known ?? [undefined, 'METADATA_WRONG', 'It cannot be read']
  const message = `The vendor's metadata is refused. ${what} (${words.slice(0, 160)}). Tell the carrier.`
  return new CodedError(code, message, {}, { cause: error })
}
