// Development without Electron: what changes is built again. A change of the window shows when its
// page is loaded again; a change of the main process starts the host anew, with a new address.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureBuilt } from './build.mjs'

/** Editors write a file in several steps. */
const QUIET_MS = 150

const root = resolve(import.meta.dirname, '..')
let host = startHost(process.argv.slice(2))
let isBuilding = false
let isStale = false
let needsHost = false
let timer

await ensureBuilt()
for (const folder of ['src-main', 'resources']) watchFolder(folder, true)
for (const folder of ['src-renderer', 'src-preload']) watchFolder(folder, false)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    host.kill('SIGTERM')
    host.once('exit', code => process.exit(code ?? 1))
  })
}

function startHost(given) {
  const script = join(root, 'scripts', 'start.mjs')
  return spawn(process.execPath, [script, '--headless', ...given], { cwd: root, stdio: 'inherit' })
}

function watchFolder(folder, isMain) {
  watch(join(root, folder), { recursive: true }, () => {
    isStale = true
    needsHost ||= isMain
    clearTimeout(timer)
    timer = setTimeout(rebuild, QUIET_MS)
  })
}

async function rebuild() {
  if (isBuilding || !isStale) return
  isBuilding = true
  isStale = false
  try {
    await ensureBuilt()
    if (needsHost) await restartHost()
  } catch (error) {
    console.error(error.message)
  }
  isBuilding = false
  // Something may have changed while this was built.
  if (isStale) await rebuild()
}

async function restartHost() {
  needsHost = false
  const ended = new Promise(done => host.once('exit', done))
  host.kill('SIGTERM')
  await ended
  host = startHost(['--no-open', ...process.argv.slice(2)])
}
