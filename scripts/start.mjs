// npm start: the Electron window where its binary and a display are there, else the same workbench
// in the browser. The binary is looked for by hand: requiring the package would begin a download
// of its own and throw when that fails.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { hasRightNode, runInstead } from './pinned-node.mjs'

const DOWNLOAD_LIMIT_MS = 180_000

if (await hasRightNode()) await start(process.argv.slice(2))

async function start(given) {
  const { ensureBuilt } = await import('./build.mjs')
  try {
    await ensureBuilt()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  const reason = whyHeadless(given)
  if (reason === undefined) {
    const env = { ...process.env }
    // Inherited from some editors' terminals, it turns Electron into plain Node.
    delete env.ELECTRON_RUN_AS_NODE
    await runInstead(electronBinary(), [resolve(import.meta.dirname, '..')], env)
    return
  }
  console.error(`${reason}: the workbench is served to the browser instead, at the address below.`)
  process.argv.splice(2, Infinity, ...given.filter(argument => argument !== '--headless'))
  await import('../out/main/headless.js')
}

function whyHeadless(given) {
  if (given.includes('--headless')) return 'As asked'
  const hasDisplay = process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  if (process.platform === 'linux' && !hasDisplay) return 'There is no display'
  if (electronBinary()) return undefined
  if (!process.env.KINTSUGI_NO_DOWNLOAD && downloadsElectron()) return undefined
  return "Electron's binary is not installed and could not be downloaded"
}

function electronFolder() {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
}

function electronBinary() {
  const named = process.env.ELECTRON_EXEC_PATH
  if (named) return existsSync(named) ? named : undefined
  const folder = electronFolder()
  const pathFile = join(folder, 'path.txt')
  const plainName = process.platform === 'win32' ? 'electron.exe' : 'electron'
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : plainName
  const binary = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name)
  return existsSync(binary) ? binary : undefined
}

function downloadsElectron() {
  console.error("Electron's binary is not installed; trying to download it once.")
  // Its stack trace says nothing that the line after it does not.
  const options = { stdio: 'ignore', timeout: DOWNLOAD_LIMIT_MS }
  const { status } = spawnSync(process.execPath, [join(electronFolder(), 'install.js')], options)
  return status === 0 && electronBinary() !== undefined
}
