import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { CodedError } from '../base/coded-error'
import { writeFileAtomically } from './atomic-file'
import { explained } from './data-folder'
import { isDataFolderLocked } from './data-lock'

const serveFile = z.object({
  pid: z.number().int().positive(),
  /** `http://127.0.0.1:PORT` */
  address: z.url({ protocol: /^http$/ }),
  token: z.string().min(1).max(512),
})

/** How another process of the same user reaches the workbench that serves a data folder. */
export type ServeFile = z.infer<typeof serveFile>

const BYTES_MAX = 4096

/** Only for whoever holds the data lock; the file is readable by its owner only. */
export async function writeServeFile(dataDir: string, content: ServeFile): Promise<void> {
  await writeFileAtomically(pathIn(dataDir), `${JSON.stringify(serveFile.parse(content))}\n`)
}

/**
 * The workbench that serves a data folder now; undefined where none does. A file that a killed
 * one left behind does not count: its data lock is free. Throws a CodedError `DATA_DIR_UNUSABLE`
 * where the file cannot be read or makes no sense.
 */
export async function readServeFile(dataDir: string): Promise<ServeFile | undefined> {
  try {
    if (!(await isDataFolderLocked(dataDir))) return undefined
    const path = pathIn(dataDir)
    const { size } = await stat(path)
    return parse(path, size > BYTES_MAX ? '' : await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw explained(error, dataDir)
  }
}

export async function removeServeFile(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true })
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'serve.json')
}

function parse(path: string, text: string): ServeFile {
  try {
    return serveFile.parse(JSON.parse(text))
  } catch (cause) {
    const message = `${path} is damaged. End the workbench that serves this folder and start it again.`
    throw new CodedError('DATA_DIR_UNUSABLE', message, { path }, { cause })
  }
}
