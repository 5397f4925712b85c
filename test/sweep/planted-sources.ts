import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = resolve(import.meta.dirname, '../..')
/** What the campaign and the protected code are made of. */
const FOLDERS = ['base', 'contract', 'wire', 'handset']

/** One change of a source file; the text must be there exactly once. */
export interface Change {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** A copy of the sources with a defect in it, loaded beside the real ones. */
export async function loadPlanted(changes: readonly Change[]) {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-planted-'))
  for (const name of FOLDERS) {
    cpSync(join(ROOT, 'src-main', name), join(folder, 'src-main', name), { recursive: true })
  }
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    for (const change of changes) plant(folder, change)
  } catch (error) {
    remove()
    throw error
  }
  const load = (path: string) => import(pathToFileURL(join(folder, 'src-main', path)).href)
  const campaign: typeof import('../../src-main/handset/campaign/campaign') = await load(
    'handset/campaign/campaign.ts',
  )
  const trial: typeof import('../../src-main/handset/campaign/trial') = await load(
    'handset/campaign/trial.ts',
  )
  const recording: typeof import('../../src-main/handset/campaign/recording') = await load(
    'handset/campaign/recording.ts',
  )
  const board: typeof import('../../src-main/handset/campaign/board') = await load(
    'handset/campaign/board.ts',
  )
  const code: typeof import('../../src-main/handset/campaign/protected-code') = await load(
    'handset/campaign/protected-code.ts',
  )
  return { ...campaign, ...trial, ...recording, ...board, ...code, remove }
}

function plant(folder: string, { file, from, to }: Change): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  const count = text.split(from).length - 1
  if (count !== 1) throw new Error(`${file} holds ${count} times: ${from}`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
}

export type PlantedSources = Awaited<ReturnType<typeof loadPlanted>>
