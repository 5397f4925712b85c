import { expect, test } from 'vitest'
import { sleep } from '../../../src-main/base/clock'
import { MobileRadio } from '../../../src-main/handset/radio/mobile-radio'
import type { Radio } from '../../../src-main/handset/radio/radio'
import { StopSignal } from '../../../src-main/handset/radio/stop-signal'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

const request = { method: 'GET', path: '/', headers: {}, body: undefined } as const

/** Bytes that come over a carrier which sends so many of them every nine seconds. */
async function received(pieceBytes: number, pieces: number) {
  const clock = new VirtualClock()
  const carrier: Radio = {
    send: () =>
      Promise.resolve({
        status: 200,
        header: () => null,
        async *pieces() {
          for (let sent = 0; sent < pieces; sent++) {
            await sleep(clock, 9000)
            yield new Uint8Array(pieceBytes)
          }
        },
      }),
  }
  const radio = new MobileRadio({ carrier, clock, isInReach: () => true })
  const began = clock.now()
  const read = async () => {
    let bytes = 0
    const answer = await radio.send(request, new StopSignal())
    for await (const piece of answer.pieces()) bytes += piece.length
    return bytes
  }
  const outcome = await clock.runUntil(read().catch((error: unknown) => error))
  return { outcome, milliseconds: clock.now() - began }
}

test('[S0-34] a carrier that only drips is given up like one that is silent', async () => {
  const { outcome, milliseconds } = await received(1, 100)
  expect(outcome).toMatchObject({ name: 'RadioLost', message: expect.stringContaining('10 s') })
  expect(milliseconds).toBeLessThanOrEqual(10_150)
})

test('a carrier that is slow is waited for', async () => {
  expect(await received(1100, 20)).toMatchObject({ outcome: 22_000 })
})
