// Takes the pictures of docs/pictures from the real host with Debian's Chromium: all of them, or
// those of the sections that are named (bench, handset, update, rollout, cuts, shell).
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
  // Those that the README shows have plain names.
  { theme: 'dark', language: 'en', moment: 'ended', isPlain: true },
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
  await host.upload('micropython-next.bin', 'test/fixtures/firmware/micropython-next.bin')
  const large = await host.upload('micropython-1.10.bin', 'test/fixtures/firmware/micropython.bin')
  const digest = await host.upload('k1-1.1.0.bin', 'resources/firmware/k1-1.1.0.bin')
  await host.call('POST', '/handsets', { name: 'spare' })
  const named = process.argv.slice(2)
  for (const [section, takeSection] of Object.entries({
    bench: async () => {
      for (const view of VIEWS) await takeBoth(view, view.moment === 'ended' ? digest : large)
      await takePlan({ theme: 'dark', language: 'en' }, digest)
      await takePlan({ theme: 'light', language: 'ja' }, digest)
    },
    handset: async () => {
      for (const view of VIEWS) await takeHandsets(view)
    },
    update: async () => {
      await host.upload('k1-1.0.0.bin', 'resources/firmware/k1-1.0.0.bin')
      for (const view of VIEWS) await takeUpdate(view, digest)
    },
    rollout: async () => {
      await rollOut(digest)
      await takeRollout({ theme: 'dark', language: 'en', isPlain: true })
      await takeRollout({ theme: 'light', language: 'ja' })
    },
    cuts: async () => {
      const old = await host.upload('k1-1.0.0.bin', 'resources/firmware/k1-1.0.0.bin')
      await takeCuts({ theme: 'dark', language: 'en' }, { old, fresh: digest })
      await takeCuts({ theme: 'light', language: 'ja' }, { old, fresh: digest })
    },
    shell: takeShell,
  })) {
    if (named.length === 0 || named.includes(section)) await takeSection()
  }
} finally {
  await browser.close()
  host.process.kill('SIGTERM')
  await once(host.process, 'exit')
  await rm(dataDir, { recursive: true, force: true })
}

async function takeBoth({ theme, language, moment, isPlain }, digest) {
  await host.call('POST', '/handsets', { name: 'workshop' })
  const page = await open(theme, language)
  await page.locator('input[name="link"][value="virtual:workshop"]').check()
  await page.locator(`input[name="image"][value="${digest}"]`).check()
  await page.keyboard.press('Control+I')
  await page.locator('[data-verdict="write"] dl').waitFor()
  await page.keyboard.press('Control+Enter')
  if (moment === 'ended') {
    await page.locator('[data-result="restored"] .answers').waitFor({ timeout: 60_000 })
  } else {
    await page.locator('[role="progressbar"]').waitFor()
    await page.waitForFunction(
      () => Number(document.querySelector('[role="progressbar"]')?.ariaValueNow) >= 60,
      undefined,
      { timeout: 60_000 },
    )
  }
  await take(page, isPlain ? 'restore-bench' : `restore-bench-${theme}-${language}`)
  await page.locator('[data-result]').waitFor({ timeout: 60_000 })
  await page.keyboard.press('Alt+5')
  await page.getByRole('listbox').press('Home')
  for (let row = 0; row < 7; row++) await page.keyboard.press('ArrowDown')
  await page.locator('.hex .digits').first().waitFor()
  await take(page, `trace-${theme}-${language}`)
  await page.context().close()
  await host.call('DELETE', '/handsets/workshop')
}

/** The plan of a restore whose cable was pulled: how it can be gone on with. */
async function takePlan({ theme, language }, digest) {
  await host.call('POST', '/handsets', { name: 'workshop' })
  await host.call('POST', '/restores', { link: 'virtual:workshop', digest })
  await untilNewest(({ doneBytes }) => doneBytes > 20_000)
  await host.call('POST', '/handsets/workshop/cable', { on: false })
  await untilNewest(({ result }) => result === 'interrupted')
  await host.call('POST', '/handsets/workshop/cable', { on: true })
  const page = await open(theme, language)
  await page.locator('input[name="link"][value="virtual:workshop"]').check()
  await page.locator(`input[name="image"][value="${digest}"]`).check()
  await page.keyboard.press('Control+I')
  await page.locator('[data-verdict="resume"] dl').waitFor()
  await take(page, `restore-plan-${theme}-${language}`)
  await page.context().close()
  await host.call('DELETE', '/handsets/workshop')
}

async function untilNewest(isWanted) {
  for (let tries = 0; tries < 12_000; tries++) {
    const [newest] = await host.call('GET', '/restores')
    if (newest && isWanted(newest)) return
    await pause(5)
  }
  throw new Error('the restore did not come to where a picture is taken')
}

/** One handset that runs, one that lost its power in a restore, one whose self-test fails. */
async function takeHandsets({ theme, language, moment, isPlain }) {
  const names = ['atelier', 'broken', 'doubtful']
  await host.call('POST', '/handsets', { name: 'atelier', bricked: false, software: '2.0.0' })
  await host.call('POST', '/handsets', { name: 'broken', software: '1.0.0' })
  await host.call('POST', '/handsets', { name: 'doubtful', bricked: false, software: '2.0.1' })
  const digest = await host.upload('k1-2.0.0.bin', 'resources/firmware/k1-2.0.0.bin')
  await host.call('POST', '/handsets/broken/cut-power', { inOperations: 90 })
  const { id } = await host.call('POST', '/restores', { link: 'virtual:broken', digest })
  await untilState('broken', 'off')
  await host.call('POST', `/restores/${id}/cancel`)
  await host.call('POST', '/handsets/broken/power', { on: true })
  await untilState('atelier', 'normal')
  await untilState('doubtful', 'self-test-failed')
  const page = await open(theme, language)
  await page.keyboard.press('Alt+2')
  await page.locator('#handset-phone').waitFor()
  if (moment === 'ended') {
    // Why a handset does not boot.
    await page.locator('.picker label', { hasText: 'broken' }).click()
  } else {
    // What runs: the menu on the screen, the secured RAM, what was executed.
    await page.locator('#handset-phone').press('Enter', { delay: 120 })
    await host.call('POST', '/handsets/atelier/secured-ram', { bytes: 100_000 })
    await page.locator('.segments label').nth(2).click()
  }
  await pause(1500)
  await take(page, isPlain ? 'handset' : `handset-${theme}-${language}`)
  if (moment === 'ended') {
    await page.getByRole('tab').nth(1).click()
    await take(page, `handset-terminal-${theme}-${language}`)
  }
  await page.context().close()
  for (const name of names) await host.call('DELETE', `/handsets/${name}`)
}

/** An update: in the rewriting or cut off in it, its steps, and what the carrier knows of it. */
async function takeUpdate({ theme, language, moment, isPlain }, digest) {
  const releases = await host.call('GET', '/carrier/releases')
  if (releases.length === 0) await host.call('POST', '/carrier/releases', { digest })
  await host.call('POST', '/handsets', { name: 'workshop', bricked: false, software: '1.0.0' })
  await untilState('workshop', 'normal')
  const page = await open(theme, language)
  await page.keyboard.press('Alt+2')
  await page.locator('.picker label', { hasText: 'workshop' }).click()
  const name = isPlain ? 'update' : `update-${theme}-${language}`
  if (moment === 'ended') {
    await host.call('POST', '/handsets/workshop/cut-power', { inOperations: 200 })
    await host.call('POST', '/handsets/workshop/update')
    await untilState('workshop', 'off')
    await host.call('POST', '/handsets/workshop/power', { on: true })
    await untilState('workshop', 'needs-file')
    await page.getByRole('tab').nth(3).click()
  } else {
    await host.call('POST', '/handsets/workshop/update')
    await untilState('workshop', 'rewriting')
    await page.waitForFunction(
      () => Number(document.querySelector('[role="progressbar"]')?.ariaValueNow) >= 40,
      undefined,
      { timeout: 60_000 },
    )
  }
  await take(page, name)
  if (moment === 'ended') await host.call('POST', '/handsets/workshop/update')
  await untilUpdated('workshop')
  await page.keyboard.press('Alt+Shift+3')
  await page.locator('.banner code').waitFor()
  await take(page, `carrier-${theme}-${language}`)
  await page.context().close()
  await host.call('DELETE', '/handsets/workshop')
}

/** A vendor's release on its way to a phone, with everything that it leaves behind. */
async function rollOut(digest) {
  await host.upload('k1-1.0.0.bin', 'resources/firmware/k1-1.0.0.bin')
  const { address } = await host.call('POST', '/vendors', { name: 'Vendor A' })
  const [atVendor, atCarrier] = ['carrier-at-vendor', 'vendor-at-carrier']
  const vendor = '/vendors/Vendor%20A'
  const accessor = { party: 'Minato Mobile', password: atVendor }
  await host.call('PUT', `${vendor}/accessors/carrier`, accessor)
  await host.call('PUT', `${vendor}/carrier`, { password: atCarrier })
  await host.call('PUT', '/carrier/vendors/Vendor%20A', {
    databaseAddress: address,
    accessorId: 'carrier',
    accessorPassword: atVendor,
    vendorPassword: atCarrier,
  })
  const made = { name: 'rolled-out', bricked: false, software: '1.0.0' }
  const { terminalId } = await host.call('POST', '/handsets', made)
  const reached = { deviceId: 'ABC-123', ipAddress: '10.1.23.4', password: '98-76-54' }
  await host.call('POST', '/network/handsets', { handset: made.name, ...reached })
  const owner = { managerName: 'Minato-ku K.K.', managerEmail: 'minato@shiba.co.jp' }
  const row = { ...reached, ...owner, vendorName: 'Vendor A', deviceType: 'k1', terminalId }
  const others = Array.from({ length: 60 }, (_, index) => ({
    ...row,
    deviceId: `DEV-${1000 + index}`,
    ipAddress: `10.1.24.${index + 1}`,
    terminalId: null,
  }))
  await host.call('POST', '/carrier/customers', { rows: [row, ...others] })
  await host.call('PUT', '/carrier/rollout-defaults', { window: null, groups: [10, 30, 60] })
  const trial = { signal: 'STATUS?', answer: 'STATUS OK', waitSeconds: 60 }
  const additional = { deviceTypes: ['k1'], fromVersions: [], price: 500, currency: 'JPY', trial }
  const { id } = await host.call('POST', `${vendor}/releases`, { digest, additional })
  await host.call('POST', `${vendor}/releases/${id}/notify`, { by: 'api' })
  for (let tries = 0; tries < 12_000; tries++) {
    const [newest] = await host.call('GET', '/carrier/rollouts')
    if (newest?.tasks.invoiced) return
    await pause(20)
  }
  throw new Error('the rollout did not come to where a picture is taken')
}

async function takeRollout({ theme, language, isPlain }) {
  const page = await open(theme, language)
  const name = picture => (isPlain ? picture : `${picture}-${theme}-${language}`)
  await page.keyboard.press('Alt+3')
  await page.locator('.record-table').waitFor()
  await take(page, name('vendor'))
  for (const [tab, picture] of [
    [1, 'rollout'],
    [2, 'customers'],
    [4, 'invoices'],
    [5, 'mailbox'],
    [7, 'network'],
  ]) {
    await page.keyboard.press(`Alt+Shift+${tab}`)
    await pause(800)
    await take(page, name(picture))
  }
  await page.keyboard.press('Alt+5')
  await page.locator('.message').first().waitFor()
  await take(page, name('trace-rollout'))
  await page.context().close()
}

/** The verdicts on a pair of images, and one cut of them. */
async function takeCuts({ theme, language }, { old, fresh }) {
  await host.call('POST', '/delta/jobs/cuts', { old, fresh, points: 2000, seed: 1 })
  await untilTrue(async () => (await host.call('GET', '/delta/jobs'))[0]?.endedAt !== null)
  const page = await open(theme, language)
  await page.keyboard.press('Alt+2')
  await page.getByRole('tab').nth(4).click()
  await page.locator('[data-verdict]').waitFor({ timeout: 60_000 })
  // High enough for the verdicts and the single cut below them.
  await page.setViewportSize({ ...SIZE, height: 1180 })
  await page.locator('.replay code').scrollIntoViewIfNeeded()
  await take(page, `power-cuts-${theme}-${language}`)
  await page.context().close()
}

function untilUpdated(name) {
  return untilTrue(async () => {
    const handsets = await host.call('GET', '/handsets')
    const update = handsets.find(handset => handset.name === name)?.update
    return update?.outcome === 'updated'
  })
}

async function untilTrue(check) {
  for (let tries = 0; tries < 1200; tries++) {
    if (await check()) return
    await pause(100)
  }
  throw new Error('what a picture is to show never happened')
}

async function untilState(name, wanted) {
  for (let tries = 0; tries < 300; tries++) {
    const handsets = await host.call('GET', '/handsets')
    if (handsets.find(handset => handset.name === name)?.state === wanted) return
    await pause(100)
  }
  throw new Error(`${name} never came to ${wanted}`)
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
      const content = await readFile(join(root, file))
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
