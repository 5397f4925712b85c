import { afterAll, expect, test } from 'vitest'
import { run, stop } from '../http/serve-process'
import { scratchFolder } from '../story/kintsugi'

const HANDSETS = 8
const CALLS = 2000
/** Eight people with quick thumbs. */
const PRESS_MS = 100

const pause = (milliseconds: number) => new Promise(later => setTimeout(later, milliseconds))

const scratch = scratchFolder()
const data = ['--data', scratch.file('data')]
const serve = run('scripts/kintsugi.mjs', ['serve', '--no-open', '--port', '0', ...data])
afterAll(async () => {
  await stop(serve)
  scratch.remove()
})

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

test('the API while handsets run, against the API alone', async () => {
  const address = await serve.ready
  const headers = {
    authorization: `Bearer ${address.searchParams.get('token')}`,
    'content-type': 'application/json',
  }
  const call = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const init = body === undefined ? { headers } : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(new URL(`/api${path}`, address), { headers, ...init })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  const measure = async () => {
    const times: number[] = []
    for (let count = 0; count < CALLS; count++) {
      const before = performance.now()
      await call('/handsets/models')
      times.push(performance.now() - before)
    }
    return times.toSorted((a, b) => a - b)
  }
  const states = async () => {
    const list = await call<{ state: string }[]>('/handsets')
    return list.map(({ state }) => state)
  }
  const until = async (isReached: (states: string[]) => boolean) => {
    while (!isReached(await states())) await pause(20)
  }

  await measure()
  const alone = await measure()
  for (let number = 1; number <= HANDSETS; number++) {
    await call('/handsets', { name: `H-${number}`, bricked: false })
  }
  const starting = await measure()
  await until(all => all.every(state => state === 'normal'))
  const running = await measure()
  // Keys keep every screen moving, and every one of them is kept in the action log.
  const pressing = new AbortController()
  const press = async (number: number) => {
    while (!pressing.signal.aborted) {
      for (const pressed of [true, false]) {
        await call(`/handsets/H-${number}/keys`, { key: 'down', pressed })
        await pause(PRESS_MS)
      }
    }
  }
  const pressers = Array.from({ length: HANDSETS }, (_, index) => press(index + 1))
  const busy = await measure()
  pressing.abort()
  await Promise.all(pressers)
  expect(await states()).toEqual(Array.from({ length: HANDSETS }, () => 'normal'))
  const say = (what: string, times: readonly number[]) => {
    const [median, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
    const ratio = p99 / percentile(alone, 0.99)
    console.log(
      `api with ${what}: median ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ` +
        `${ratio.toFixed(1)} times the p99 without handsets`,
    )
  }
  say('no handset', alone)
  say(`${HANDSETS} handsets that start`, starting)
  say(`${HANDSETS} handsets that run`, running)
  say(`${HANDSETS} handsets whose keys are pressed 5 times a second`, busy)
}, 300_000)
