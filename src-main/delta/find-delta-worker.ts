import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CodedError } from '../base/coded-error'

export interface DeltaWorkerScript {
  readonly file: string
  /** For Node, before the script. */
  readonly execArgv: readonly string[]
}

/**
 * The worker's script, for a module in the folder `from`: beside the module where the sources run
 * as they were written, else upwards, because the bundler puts modules into different folders.
 */
export function findDeltaWorker(from: string): DeltaWorkerScript {
  const source = join(from, 'delta-worker.ts')
  if (existsSync(source)) {
    const hooks = join(from, '..', '..', 'scripts', 'typescript-hooks.mjs')
    return { file: source, execArgv: ['--import', pathToFileURL(hooks).href] }
  }
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    const file = join(folder, 'delta-worker.js')
    if (existsSync(file)) return { file, execArgv: [] }
  }
  throw new CodedError(
    'NOT_BUILT',
    'The maker of differential files is not built: run "npm run build".',
  )
}
