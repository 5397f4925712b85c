// The tools and the database's native part need a newer Node than many systems have, so one comes
// with the packages. This file itself must run on any Node.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')

export function isNodeNewEnough(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 12)
}

/** The Node that was installed with the packages; undefined where there is none. */
export function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const program = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', program)
  return existsSync(path) ? path : undefined
}

/**
 * Goes on in this process where its Node is new enough, else runs the same script in the pinned
 * one. Resolves to whether this process shall go on.
 */
export async function hasRightNode() {
  if (isNodeNewEnough()) return true
  const node = pinnedNode()
  if (!node) {
    console.error(
      `Kintsugi needs Node 22.12 or newer; this is ${process.versions.node}. ` +
        'Install a newer one, or run "npm ci" without --omit=optional.',
    )
    process.exitCode = 2
    return false
  }
  await runInstead(node, process.argv.slice(1))
  return false
}

/** Runs a program in this one's place: its output, signals and exit code are ours. */
export async function runInstead(program, programArguments, env = process.env) {
  const child = spawn(program, programArguments, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const [code, signal] = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', (...ended) => done(ended))
  })
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
}
