import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = resolve(import.meta.dirname, '../..')
const LAUNCHER = join(ROOT, 'scripts', 'kintsugi.mjs')

/** Records of interrupted restores belong to the tests, not to whoever runs them. */
const STATE_FOLDER = join(tmpdir(), `kintsugi-story-state-${process.pid}`)
process.on('exit', () => rmSync(STATE_FOLDER, { recursive: true, force: true }))

export const FIRMWARE = join(ROOT, 'test', 'fixtures', 'firmware', 'micropython-next.bin')

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command of Kintsugi as a process of its own, the way users run it. */
export class KintsugiProcess {
  readonly #child: ChildProcess
  readonly #finished: Promise<Finished>
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #exited = false

  constructor(...commandLine: string[]) {
    const env = { ...process.env }
    // Inherited from the test runner, it would change how the command behaves.
    delete env['NODE_OPTIONS']
    env['XDG_STATE_HOME'] = STATE_FOLDER
    this.#child = spawn(process.execPath, [LAUNCHER, ...commandLine], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = this.#child[name]
      if (!stream) continue
      stream.on('data', (piece: Buffer) => (output[name] += piece.toString()))
      createInterface({ input: stream }).on('line', line => {
        this.#lines.push(line)
        this.#wake()
      })
    }
    this.#finished = new Promise(done => {
      this.#child.once('close', exitCode => {
        this.#exited = true
        this.#wake()
        done({ exitCode, ...output })
      })
    })
  }

  finished(): Promise<Finished> {
    return this.#finished
  }

  /** The first line of either stream that matches. Rejects where the process ends without it. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.#lines.find(candidate => pattern.test(candidate))
      if (line !== undefined) return line
      if (this.#exited) throw new Error(`It ended without ${pattern}: ${this.#lines.join('\n')}`)
      await new Promise<void>(done => this.#waiting.add(done))
    }
  }

  /** Closes the other ends of its output, as a pager that was left does. */
  deafen(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    if (!this.#exited) this.#child.kill(signal)
    return this.#finished
  }

  #wake(): void {
    for (const done of this.#waiting) done()
    this.#waiting.clear()
  }
}

export function run(...commandLine: string[]): Promise<Finished> {
  return new KintsugiProcess(...commandLine).finished()
}

/** A virtual handset that waits at a TCP port, and the LINK that leads to it. */
export async function handsetOverTcp(...options: string[]) {
  const listen = 'tcp-listen:127.0.0.1:0'
  const handset = new KintsugiProcess('handset', 'run', listen, '--bricked', ...options)
  await handset.line(/^ready$/)
  const line = await handset.line(/ is at tcp-listen:/)
  return { handset, link: `tcp:${line.split('tcp-listen:')[1]}` }
}

/** A folder for the files of one test file. */
export function scratchFolder() {
  const path = mkdtempSync(join(tmpdir(), 'kintsugi-story-'))
  return {
    file: (name: string) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
