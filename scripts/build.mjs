// Builds `out` when something it is made of has changed; silent and quick when nothing has.
// The new one is made beside the old one and put in its place when it is whole, so nobody who
// starts meanwhile sees half a build.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 100
const SOURCES = ['src-main', 'src-renderer', 'src-preload', 'resources']
const SETTINGS = /^(package(-lock)?\.json|tsconfig\..*\.json|electron\.vite\.config\.ts)$/

const root = resolve(import.meta.dirname, '..')
const out = join(root, 'out')
const stampFile = join(out, 'stamp')
const lockFile = join(root, 'node_modules', '.kintsugi-build.lock')

/** Makes `out` what the sources say. Rejects where the build fails; `out` is then as it was. */
export async function ensureBuilt({ force = false } = {}) {
  // A package that was installed holds its build and nothing to make another of.
  if (!existsSync(join(root, 'electron.vite.config.ts'))) return
  if (!force && isFresh()) return
  const release = await lock()
  try {
    // Somebody else may have built it while this one waited.
    if (force || !isFresh()) await build()
  } finally {
    release()
  }
}

function isFresh() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp()
}

/** Names, sizes and times of everything that goes into the build. */
function currentStamp() {
  const hash = createHash('sha256')
  const add = path => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
  }
  const settings = readdirSync(root).filter(name => SETTINGS.test(name))
  for (const name of settings.toSorted()) add(join(root, name))
  for (const folder of SOURCES.filter(name => existsSync(join(root, name)))) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile())
    for (const path of files.map(file => join(file.parentPath, file.name)).toSorted()) add(path)
  }
  return hash.digest('hex')
}

async function build() {
  for (const name of readdirSync(root)) {
    if (!name.startsWith('out.')) continue
    rmSync(join(root, name), { recursive: true, force: true })
  }
  const stamp = currentStamp()
  const fresh = `${out}.${process.pid}`
  const former = `${out}.former`
  await electronVite(fresh)
  writeFileSync(join(fresh, 'stamp'), stamp)
  if (existsSync(out)) renameSync(out, former)
  renameSync(fresh, out)
  rmSync(former, { recursive: true, force: true })
}

async function electronVite(folder) {
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  // Standard output belongs to the command that needs the build.
  console.error('Building Kintsugi, which takes a few seconds.')
  const child = spawn(process.execPath, [tool, 'build'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KINTSUGI_OUT: folder },
  })
  const said = []
  child.stdout.on('data', part => said.push(part))
  child.stderr.on('data', part => said.push(part))
  const code = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  if (code === 0) return
  process.stderr.write(Buffer.concat(said))
  throw new Error('Kintsugi could not be built; the lines above say why.')
}

/** One builder at a time; the lock of a process that is gone does not count. */
async function lock() {
  const claim = `${lockFile}.${process.pid}`
  writeFileSync(claim, String(process.pid))
  try {
    while (!takes(claim)) {
      const holder = Number(read(lockFile))
      if (holder > 0 && !isAlive(holder)) rmSync(lockFile, { force: true })
      else await pause(POLL_MS)
    }
  } finally {
    rmSync(claim, { force: true })
  }
  return () => rmSync(lockFile, { force: true })
}

/** A link appears with its content or not at all, and only one of several can make it. */
function takes(claim) {
  try {
    linkSync(claim, lockFile)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

if (process.argv[1] && resolve(process.argv[1]) === import.meta.filename) {
  try {
    await ensureBuilt({ force: process.argv.includes('--force') })
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
