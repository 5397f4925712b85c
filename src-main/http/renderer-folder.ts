import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CodedError } from '../base/coded-error'

/**
 * The folder of the built window, looked for from a module's own folder upwards: the bundler puts
 * modules into different folders of `out`, and tests run them from where they were written.
 */
export function findRendererFolder(from: string): string {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    for (const candidate of [join(folder, 'renderer'), join(folder, 'out', 'renderer')]) {
      if (existsSync(join(candidate, 'index.html'))) return candidate
    }
  }
  throw new CodedError('NOT_BUILT', 'The window is not built yet: run "npm run build".')
}
