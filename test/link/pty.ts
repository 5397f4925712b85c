import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peer } from '../support/peers'

/** The two ends of a real serial line made of pseudo-terminals. */
export interface PtyPair {
  readonly a: string
  readonly b: string
  /** Ends socat: both ports lose their other side. */
  cut(): Promise<void>
  remove(): Promise<void>
}

export async function ptyPair(): Promise<PtyPair> {
  const socat = peer('socat')
  if (!socat) throw new Error('socat is missing')
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-pty-'))
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  const line = (path: string) => `pty,raw,echo=0,link=${path}`
  const child = spawn(socat, [line(a), line(b)], { stdio: 'ignore' })
  const ended = new Promise<void>(done => void child.once('exit', () => done()))
  const cut = async () => {
    child.kill()
    await ended
  }
  while (!(await exists(a)) || !(await exists(b))) {
    if (child.exitCode !== null) throw new Error('socat made no pty pair')
    await new Promise(setImmediate)
  }
  return {
    a,
    b,
    cut,
    async remove() {
      await cut()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
