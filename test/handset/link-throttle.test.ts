import { describe, expect, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { LineRate, throttleLink } from '../../src-main/handset/link-throttle'
import { memoryPair } from '../../src-main/link/memory-link'
import { VirtualClock } from '../../src-main/observe/virtual-clock'

describe('a line rate', () => {
  test('takes ten bits a byte, one byte after the other', () => {
    const rate = new LineRate(9600)
    expect(rate.pass(96, 1000)).toBe(1100)
    expect(rate.pass(96, 1000)).toBe(1200)
    expect(rate.pass(96, 5000)).toBe(5100)
  })
})

/** What may wait to come in. */
const WAITING_BYTES_MAX = 64 * 1024

describe('a throttled link', () => {
  function line(baud: number) {
    const clock = new VirtualClock()
    const [near, far] = memoryPair()
    const start = clock.now()
    const arrived: string[] = []
    const note = (what: string) => (bytes: Uint8Array) =>
      void arrived.push(`${what} ${bytes.length} at ${clock.now() - start}`)
    const lost: number[] = []
    const link = throttleLink(near, { baud, clock, onLost: bytes => void lost.push(bytes) })
    link.onData(note('near'))
    far.onData(note('far'))
    return { clock, link, far, arrived, lost }
  }

  test('says its rate', () => {
    expect(line(115_200).link.baud).toBe(115_200)
  })

  test('carries both ways at once, each at its rate and in order', async () => {
    const { clock, link, far, arrived } = line(10_000)
    const written = [link.write(new Uint8Array(500)), link.write(new Uint8Array(1))]
    await far.write(new Uint8Array(100))
    await far.write(new Uint8Array(100))
    await clock.advance(10_000)
    await Promise.all(written)
    expect(arrived).toEqual([
      'near 100 at 100',
      'near 100 at 200',
      'far 500 at 500',
      'far 1 at 501',
    ])
  })

  test('hands over a long piece little by little', async () => {
    const { clock, far, arrived } = line(10_000)
    await far.write(new Uint8Array(600))
    await clock.advance(10_000)
    expect(arrived).toEqual(['near 256 at 256', 'near 256 at 512', 'near 88 at 600'])
  })

  test('loses what comes faster than it carries, and counts it', async () => {
    const { clock, far, arrived, lost } = line(10_000)
    const lengths = [WAITING_BYTES_MAX - 100, 150, 1]
    for (const length of lengths) await far.write(new Uint8Array(length))
    expect(lost).toEqual([50, 1])
    await clock.advance(1000)
    await far.write(new Uint8Array(1000))
    expect(lost).toEqual([50, 1, 1000 - 768])
    await clock.advance(10 * WAITING_BYTES_MAX)
    const total = arrived.reduce((sum, text) => sum + Number(text.split(' ')[1]), 0)
    expect(total).toBe(WAITING_BYTES_MAX + 768)
  })

  test('resolves a write when its bytes are out', async () => {
    const { clock, link } = line(10_000)
    const start = clock.now()
    await clock.runUntil(link.write(new Uint8Array(250)))
    expect(clock.now() - start).toBe(250)
  })

  test('that loses its other end refuses what was on its way', async () => {
    const { link, far } = line(10_000)
    const causes: (CodedError | null)[] = []
    link.onClose(cause => void causes.push(cause))
    const written = link.write(new Uint8Array(250))
    await far.close()
    await expect(written).rejects.toMatchObject({ code: 'LINK_LOST' })
    expect(causes).toMatchObject([{ code: 'LINK_LOST' }])
  })

  test('that is closed hears nothing more', async () => {
    const { clock, link, far, arrived } = line(10_000)
    await far.write(new Uint8Array(10))
    await link.close()
    await clock.advance(10_000)
    expect(arrived).toEqual([])
  })
})
