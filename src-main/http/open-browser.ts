import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How each system opens a page with the program that its user chose. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [program: string, ...before: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}
const OPENER_ELSEWHERE = ['xdg-open'] as const

/**
 * Opens an address in the default browser. Every user of the machine can read the arguments of
 * programs, so the browser is handed a page that only this user can read, which leads on. Where
 * there is no browser nothing happens. Returns what removes the page.
 */
export async function openBrowser(address: string): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kintsugi-'))
  const page = join(folder, 'open.html')
  const html = `<!doctype html><title>Kintsugi</title><meta http-equiv="refresh" content="0;url=${address}">`
  await writeFile(page, html, { mode: 0o600 })
  const [program, ...before] = OPENERS[process.platform] ?? OPENER_ELSEWHERE
  const opener = spawn(program, [...before, pathToFileURL(page).href], {
    stdio: 'ignore',
    detached: true,
  })
  opener.on('error', () => {})
  opener.unref()
  return () => rm(folder, { recursive: true, force: true })
}
