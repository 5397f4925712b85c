import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const root = resolve(import.meta.dirname, '../..')

export interface ServeProcess {
  readonly child: ChildProcess
  /** Lines of standard output so far. */
  readonly lines: string[]
  readonly errors: () => string
  /** The address of the ready line. */
  readonly ready: Promise<URL>
  /** Resolves to the exit code. */
  readonly ended: Promise<number | null>
}

/** Runs a script of the project or of its build. */
export function run(
  script: string,
  given: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ServeProcess {
  const child = spawn(process.execPath, [resolve(root, script), ...given], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const lines: string[] = []
  let errors = ''
  const output = createInterface({ input: child.stdout })
  output.on('line', line => lines.push(line))
  child.stderr.on('data', part => (errors += String(part)))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const ready = new Promise<URL>((done, fail) => {
    output.on('line', line => {
      if (line.startsWith('ready ')) done(new URL(line.slice(6)))
    })
    void ended.then(code => fail(new Error(`it ended with ${code}: ${errors}`)))
  })
  // Who only waits for the end must not hear of the missing ready line as a failure of its own.
  ready.catch(() => {})
  return { child, lines, errors: () => errors, ready, ended }
}

export function stop(process: ServeProcess): Promise<number | null> {
  process.child.kill('SIGTERM')
  return process.ended
}
