import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CodedError } from '../../base/coded-error'

export interface WorkerScript {
  readonly file: string
  /** For Node, before the script. */
  readonly execArgv: readonly string[]
}

/**
 * The script of a worker, such as `cpu-worker`, for a module in the folder `from`: beside the
 * module where the sources run as they were written, else upwards, because the bundler puts modules
 * into different folders.
 */
export function findWorker(name: string, from: string): WorkerScript {
  const source = join(from, `${name}.ts`)
  if (existsSync(source)) {
    const hooks = join(from, '..', '..', '..', 'scripts', 'typescript-hooks.mjs')
    return { file: source, execArgv: ['--import', pathToFileURL(hooks).href] }
  }
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    const file = join(folder, `${name}.js`)
    if (existsSync(file)) return { file, execArgv: [] }
  }
  throw new CodedError('NOT_BUILT', `The ${name} is not built yet: run "npm run build".`)
}
