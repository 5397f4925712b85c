import { beforeAll, describe, expect, test } from 'vitest'
import { sleep } from '../../../src-main/base/clock'
import type { Radio, RadioAnswer } from '../../../src-main/handset/radio/radio'
import { k1Image, offerOf } from '../../support/update-offer'
import type { Offer } from '../../support/update-server'
import { updated } from '../updating-handset'
import { endOf, refused, type TrustedHandset, trustedHandset } from './air-carrier'

let offer: Offer
beforeAll(async () => void (offer = await offerOf(k1Image('1.0.0'), k1Image('1.1.0'))))

describe('slow retrieval', () => {
  /** Gives the bytes one a second from some byte on, or none any more. */
  function slowFrom(
    from: number,
    everyMs: number,
  ): (clock: TrustedHandset['clock']) => (answer: RadioAnswer) => RadioAnswer {
    return clock => answer => ({
      ...answer,
      async *pieces() {
        let at = 0
        for await (const piece of answer.pieces()) {
          for (const byte of piece) {
            if (at >= from) await sleep(clock, everyMs)
            at += 1
            yield Uint8Array.of(byte)
          }
        }
      },
    })
  }

  const DAY_MS = 86_400_000
  test.each([
    ['metadata', '/timestamp.json', 'at one byte a second', slowFrom(0, 1000)],
    ['metadata', '/2.targets.json', 'that stalls near its end', slowFrom(500, DAY_MS)],
    ['a file', '/file', 'at one byte a second', slowFrom(0, 1000)],
    ['a file', '/file', 'that stalls at 99 %', slowFrom(486, DAY_MS)],
  ])(
    '[S0-34] of %s (%s) %s is cut within ten seconds and reported',
    async (_what, end, _how, slow) => {
      const cuts: number[] = []
      const running = await trustedHandset(offer, {
        over: (carrier, clock) => ({
          async send(request, stop) {
            const answer = await carrier.send(request)
            if (!request.path.endsWith(end)) return answer
            const began = clock.now()
            stop.onStop(() => void cuts.push(clock.now() - began))
            return slow(clock)(answer)
          },
        }),
      })
      await updated(running)
      expect(endOf(running)).toEqual(refused('link-lost', 'LINK_LOST'))
      expect(running.handset.update?.message).toMatch(/less than \d+ bytes in 10 seconds/)
      expect(cuts).toHaveLength(5)
      for (const cut of cuts) expect(cut).toBeLessThanOrEqual(10_000)
    },
  )

  test('[S0-34] in the headers is cut within ten seconds', async () => {
    const cuts: number[] = []
    const never = (clock: TrustedHandset['clock']): Radio['send'] => {
      return (_request, stop) => {
        const began = clock.now()
        stop.onStop(() => void cuts.push(clock.now() - began))
        return new Promise(() => {})
      }
    }
    const running = await trustedHandset(offer, {
      over: (carrier, clock) => ({
        send: (request, stop) =>
          request.path.endsWith('/timestamp.json')
            ? never(clock)(request, stop)
            : carrier.send(request),
      }),
    })
    await updated(running)
    expect(endOf(running)).toEqual(refused('link-lost', 'LINK_LOST'))
    expect(cuts).toEqual([10_000, 10_000, 10_000, 10_000, 10_000])
  })
})
