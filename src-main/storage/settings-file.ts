import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { type Settings, type SettingsChange, settings as settingsSchema } from '../contract/app'
import { writeFileAtomically } from './atomic-file'
import { placeReason } from './data-folder'
import type { RaiseNotice } from './notices'
import { setAside } from './set-aside'

export const SETTINGS_BYTES_MAX = 256 * 1024

export const DEFAULT_SETTINGS: Settings = {
  version: 1,
  theme: 'system',
  language: 'system',
  recentLinks: [],
  layout: {},
}

export interface SettingsPlace {
  readonly dataDir: string
  readonly clock: Clock
  readonly raise: RaiseNotice
}

/** The settings, on the disk before a change is answered. One writer at a time. */
export class SettingsFile {
  readonly #write: (text: string) => Promise<void>
  #current: Settings
  #changes: Promise<unknown> = Promise.resolve()

  private constructor(current: Settings, write: (text: string) => Promise<void>) {
    this.#current = current
    this.#write = write
  }

  static inMemory(): SettingsFile {
    return new SettingsFile(DEFAULT_SETTINGS, async () => {})
  }

  /**
   * Reads `settings.json`. A broken one is set aside and its backup copy, or failing that the
   * defaults, takes its place, with a notice. Throws a CodedError `DATA_DIR_UNUSABLE` for a file
   * of a newer version, which stays untouched.
   */
  static async open(place: SettingsPlace): Promise<SettingsFile> {
    const path = join(place.dataDir, 'settings.json')
    const backupPath = join(place.dataDir, 'settings.backup.json')
    const write = async (text: string): Promise<void> => {
      await writeFileAtomically(path, text)
      await writeFileAtomically(backupPath, text)
    }
    const current = await readSettings(path, backupPath, place)
    return new SettingsFile(current, write)
  }

  current(): Settings {
    return this.#current
  }

  /**
   * Replaces the named settings and keeps all others, unknown ones too. Rejects with a CodedError
   * `SETTINGS_TOO_LARGE` and changes nothing where the file would grow past its limit.
   */
  change(change: SettingsChange): Promise<Settings> {
    const changed = this.#changes.then(async () => {
      const given = Object.entries(change).filter(([, value]) => value !== undefined)
      const whole = settingsSchema.parse({ ...this.#current, ...Object.fromEntries(given) })
      await this.#write(textOf(whole))
      this.#current = whole
      return whole
    })
    // A change that failed must not hold up those behind it.
    this.#changes = changed.catch(() => undefined)
    return changed
  }
}

function textOf(settings: Settings): string {
  const text = `${JSON.stringify(settings, undefined, 2)}\n`
  if (Buffer.byteLength(text) <= SETTINGS_BYTES_MAX) return text
  const message = `The settings would take more than ${SETTINGS_BYTES_MAX} bytes; nothing was changed.`
  throw new CodedError('SETTINGS_TOO_LARGE', message, { limit: SETTINGS_BYTES_MAX })
}

type Reading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'sound'; readonly settings: Settings; readonly text: string }
  | { readonly kind: 'broken'; readonly why: string }

async function readSettings(
  path: string,
  backupPath: string,
  { clock, raise }: SettingsPlace,
): Promise<Settings> {
  const main = await read(path)
  if (main.kind === 'sound') return main.settings
  const backup = await read(backupPath)
  if (main.kind === 'absent' && backup.kind === 'absent') return DEFAULT_SETTINGS
  const lost =
    main.kind === 'broken'
      ? `The settings file was damaged (${main.why}) and lies at ${await setAside(path, clock)}`
      : 'The settings file was missing'
  if (backup.kind === 'sound') {
    await writeFileAtomically(path, backup.text)
    const message = `${lost}; its backup copy is used.`
    raise({ severity: 'warning', code: 'SETTINGS_BACKUP_USED', message })
    return backup.settings
  }
  if (backup.kind === 'broken') await setAside(backupPath, clock)
  const message = `${lost}; there was no sound backup copy, so all settings are as at first.`
  raise({ severity: 'error', code: 'SETTINGS_DAMAGED', message })
  return DEFAULT_SETTINGS
}

async function read(path: string): Promise<Reading> {
  let text: string
  try {
    const { size } = await stat(path)
    if (size > SETTINGS_BYTES_MAX) {
      return { kind: 'broken', why: `${size} bytes; ${SETTINGS_BYTES_MAX} are the most` }
    }
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { kind: 'absent' }
    }
    if (placeReason(error) !== undefined) throw error
    return { kind: 'broken', why: 'it cannot be read' }
  }
  return parsed(path, text)
}

function parsed(path: string, text: string): Reading {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'broken', why: 'it is no JSON' }
  }
  refuseNewer(path, value)
  const result = settingsSchema.safeParse(value)
  if (result.success) return { kind: 'sound', settings: result.data, text }
  const [issue] = result.error.issues
  return { kind: 'broken', why: `${issue?.path.join('.')}: ${issue?.message}` }
}

function refuseNewer(path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('version' in value)) return
  const { version } = value
  if (typeof version !== 'number' || !Number.isInteger(version)) return
  if (version <= DEFAULT_SETTINGS.version) return
  const message =
    `${path} was written by a newer version of Kintsugi (settings version ${version}). ` +
    'Use that version, or another data folder.'
  throw new CodedError('DATA_DIR_UNUSABLE', message, { path, version })
}
