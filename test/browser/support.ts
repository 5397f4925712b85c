import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { peer } from '../support/peers'

const ROOT = resolve(import.meta.dirname, '../..')
const COMMAND = join(ROOT, 'scripts/kintsugi.mjs')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Ends what hangs; a busy machine is no reason to fail. */
const PAGE_MS = 120_000

export const FIRMWARE = join(ROOT, 'test/fixtures/firmware/micropython-next.bin')

/** A running `kintsugi` command. */
export interface Running {
  readonly process: ChildProcess
  /** Standard output so far. */
  output(): string
  /** Ends it by SIGTERM and waits for its end. */
  readonly stop: () => Promise<void>
}

/** Starts a command and resolves when it printed the pattern. */
export async function startCommand(args: readonly string[], ready: RegExp): Promise<Running> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [printed, complaints] = ['', '']
  child.stdout.on('data', (piece: Buffer) => (printed += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (complaints += piece.toString()))
  const ended = once(child, 'exit')
  await new Promise<void>((done, fail) => {
    child.stdout.on('data', () => {
      if (ready.test(printed)) done()
    })
    child.once('exit', code => fail(new Error(`${args[0]} ended with ${code}: ${complaints}`)))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { process: child, output: () => printed, stop }
}

export interface Host {
  /** What it printed for a person to open. */
  readonly entry: string
  readonly origin: string
  readonly port: number
  /** Calls the contract over plain HTTP, as a script does. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
  upload(name: string, content: Uint8Array): Promise<{ digest: string }>
  readonly stop: () => Promise<void>
}

export async function startHost(dataDir: string, port = 0): Promise<Host> {
  const args = ['serve', '--no-open', '--data', dataDir, '--port', String(port)]
  const running = await startCommand(args, /^ready \S+$/m)
  const entry = /^ready (\S+)$/m.exec(running.output())?.[1] ?? ''
  const { origin, port: own, searchParams } = new URL(entry)
  const authorization = `Bearer ${searchParams.get('token')}`
  async function send(path: string, init: RequestInit): Promise<unknown> {
    const answer = await fetch(origin + path, init)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    entry,
    origin,
    port: Number(own),
    call: (method, path, body) =>
      send(`/api${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    upload: (name, content) =>
      send(`/upload?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/octet-stream' },
        body: Uint8Array.from(content),
      }) as Promise<{ digest: string }>,
    stop: running.stop,
  }
}

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'kintsugi-browser-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Debian's Chromium, kept from asking anything of the outside world. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: peer('chromium') ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface Visit {
  readonly page: Page
  /** Console errors, exceptions, CSP violations and requests to other places, as sentences. */
  readonly complaints: string[]
  readonly close: () => Promise<void>
}

/** Opens the window of a host in a browser session of its own. */
export async function visit(
  browser: Browser,
  host: Pick<Host, 'entry' | 'origin'>,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PAGE_MS)
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.push(`exception: ${error.message}`))
  page.on('request', request => {
    const { origin, protocol } = new URL(request.url())
    const isOwn = origin === host.origin || protocol === 'data:' || protocol === 'blob:'
    if (!isOwn) complaints.push(`request to ${request.url()}`)
  })
  // From the first listener on choosers are caught; begun only when one is due, it can be too late.
  page.on('filechooser', () => {})
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
    )
  })
  await page.goto(host.entry)
  await page.locator('.status [data-state="connected"]').waitFor()
  return { page, complaints, close: () => context.close() }
}

/** What axe finds, one line each; empty is what every view must give. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // A script element would be refused by the page's own policy.
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    interface Result {
      id: string
      nodes: { target: unknown[]; failureSummary?: string }[]
    }
    const { axe } = window as unknown as {
      axe: { run(where: Document, options: unknown): Promise<{ violations: Result[] }> }
    }
    // Behind an open dialog or menu the focus guards of the widget library are hidden on purpose.
    const options = { rules: { 'aria-hidden-focus': { enabled: false } } }
    const { violations } = await axe.run(document, options)
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(node => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    )
  })
}

/** Presses Tab until the element has the focus. */
export async function tabTo(page: Page, selector: string, limit = 120): Promise<void> {
  for (let presses = 0; presses < limit; presses++) {
    const isThere = await page.evaluate(wanted => document.activeElement?.matches(wanted), selector)
    if (isThere) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${selector}`)
}
