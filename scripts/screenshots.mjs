// Takes the pictures of docs/pictures from the real host with Debian's Chromium.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { chromium } from 'playwright-core'

const root = resolve(import.meta.dirname, '..')
const pictures = join(root, 'docs/pictures')
const dataDir = join(tmpdir(), 'kintsugi-pictures')
const SIZE = { width: 1440, height: 900 }
const VIEWS = [
  // The one that the README shows has a plain name.
  { theme: 'dark', language: 'en', moment: 'ended', name: 'restore-bench' },
  { theme: 'light', language: 'en', moment: 'writing' },
  { theme: 'dark', language: 'ja', moment: 'ended' },
  { theme: 'light', language: 'ja', moment: 'writing' },
]

await rm(dataDir, { recursive: true, force: true })
await mkdir(pictures, { recursive: true })
const host = await startHost()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
})
try {
  const digest = await host.upload('micropython-1.10.bin', 'micropython.bin')
  await host.upload('micropython-next.bin', 'micropython-next.bin')
  await host.call('POST', '/handsets', { name: 'spare' })
  for (const view of VIEWS) await takeBoth(view, digest)
  await takeShell()
} finally {
  await browser.close()
  host.process.kill('SIGTERM')
  await once(host.process, 'exit')
  await rm(dataDir, { recursive: true, force: true })
}

async function takeBoth({ theme, language, moment, name }, digest) {
  await host.call('POST', '/handsets', { name: 'workshop' })
  const page = await open(theme, language)
  await page.locator('input[name="link"][value="virtual:workshop"]').check()
  await page.locator(`input[name="image"][value="${digest}"]`).check()
  await page.keyboard.press('Control+I')
  await page.locator('dd.protocol').waitFor()
  await page.keyboard.press('Control+Enter')
  if (moment === 'ended') {
    await page.locator('[data-result]').waitFor({ timeout: 60_000 })
    await page.keyboard.press('Control+I')
    await page.locator('dd.protocol').waitFor()
  } else {
    await page.locator('[role="progressbar"]').waitFor()
    await page.waitForFunction(
      () => Number(document.querySelector('[role="progressbar"]')?.ariaValueNow) >= 60,
      undefined,
      { timeout: 60_000 },
    )
  }
  await take(page, name ?? `restore-bench-${theme}-${language}`)
  await page.locator('[data-result]').waitFor({ timeout: 60_000 })
  await page.keyboard.press('Alt+2')
  await page.getByRole('listbox').press('Home')
  for (let row = 0; row < 7; row++) await page.keyboard.press('ArrowDown')
  await page.locator('.hex .digits').first().waitFor()
  await take(page, `trace-${theme}-${language}`)
  await page.context().close()
  await host.call('DELETE', '/handsets/workshop')
}

async function takeShell() {
  const page = await open('dark', 'en')
  await page.keyboard.press('Control+Shift+P')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('restore')
  await take(page, 'palette-dark-en')
  await page.context().close()
  const other = await open('light', 'ja')
  await other.keyboard.press('Control+,')
  await other.getByRole('dialog').waitFor()
  await take(other, 'settings-light-ja')
  await other.context().close()
}

async function open(theme, language) {
  await host.call('PATCH', '/settings', { theme, language, layout: {} })
  const context = await browser.newContext({ viewport: SIZE, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(host.entry)
  await page.locator('.status [data-state="connected"]').waitFor()
  return page
}

async function take(page, name) {
  // Two frames, so that what was just asked for is also painted.
  await page.evaluate(
    () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))),
  )
  await pause(300)
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  console.log(`docs/pictures/${name}.png`)
}

async function startHost() {
  const command = join(root, 'scripts/kintsugi.mjs')
  const args = [command, 'serve', '--no-open', '--data', dataDir]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', piece => (printed += piece))
  while (!/^ready \S+$/m.test(printed)) await once(child.stdout, 'data')
  const entry = /^ready (\S+)$/m.exec(printed)[1]
  const { origin, searchParams } = new URL(entry)
  const authorization = `Bearer ${searchParams.get('token')}`
  const send = async (path, { type = 'application/json', ...request }) => {
    const headers = { authorization, 'content-type': type }
    const answer = await fetch(origin + path, { headers, ...request })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    process: child,
    entry,
    call: (method, path, body) => send(`/api${path}`, { method, body: JSON.stringify(body) }),
    upload: async (name, file) => {
      const content = await readFile(join(root, 'test/fixtures/firmware', file))
      const path = `/upload?name=${encodeURIComponent(name)}`
      const stored = await send(path, {
        method: 'POST',
        type: 'application/octet-stream',
        body: content,
      })
      return stored.digest
    },
  }
}
