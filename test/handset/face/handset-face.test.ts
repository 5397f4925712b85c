import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HandsetFace } from '../../../src-main/handset/face/handset-face'
import { memoryPair } from '../../../src-main/link/memory-link'
import { k1Image, offerOf } from '../../support/update-offer'
import type { Offer } from '../../support/update-server'
import { k1Handset, untilState } from '../running-handset'
import { until, updatingHandset } from '../updating-handset'

let offer: Offer
beforeAll(async () => {
  offer = await offerOf(k1Image('1.0.0'), k1Image('1.1.0'))
})

const SOFTWARE = { name: 'kintsugi-k1', version: '1.0.0' }
const NO_ANSWER = { answer: null, software: null }

async function running() {
  const bench = k1Handset()
  onTestFinished(() => bench.handset.close())
  bench.handset.powerOn()
  await untilState(bench, 'normal')
  return { ...bench, face: new HandsetFace(bench.handset, bench.clock) }
}

/** Time goes on until the answer is there. */
function timed<T>({ clock }: Awaited<ReturnType<typeof running>>, work: Promise<T>): Promise<T> {
  return clock.runUntil(work)
}

describe('the test signal of a handset', () => {
  test('is sent back by the firmware that runs, which says who it is', async () => {
    const bench = await running()
    const { face } = bench
    expect(face).toMatchObject({ isReachable: true, software: SOFTWARE })
    const answer = await timed(bench, face.testSignal('Kintsugi 42 ~'))
    expect(answer).toEqual({ answer: 'Kintsugi 42 ~', software: SOFTWARE })
  })

  test('goes out one after the other', async () => {
    const bench = await running()
    const { face } = bench
    const both = Promise.all([face.testSignal('first'), face.testSignal('second')])
    const answers = await timed(bench, both)
    expect(answers.map(({ answer }) => answer)).toEqual(['first', 'second'])
  })

  test('has no answer where the firmware does not run', async () => {
    const bench = await running()
    const { face, handset, clock } = bench
    const began = clock.now()
    handset.powerOff()
    expect(await timed(bench, face.testSignal('hello'))).toEqual(NO_ANSWER)
    expect(clock.now() - began).toBe(5000)
    expect(face).toMatchObject({ isReachable: false, software: null })
    // Restore mode would answer an echo as well.
    handset.powerOn({ keyHeld: true })
    expect(await timed(bench, face.testSignal('hello'))).toEqual(NO_ANSWER)
  })

  test('waits for software that is starting', async () => {
    const bench = await running()
    const { face, handset } = bench
    handset.powerOff()
    handset.powerOn()
    expect(face.software).toBeNull()
    expect(await timed(bench, face.testSignal('hello'))).toMatchObject({ answer: 'hello' })
  })

  test('is not answered by software that fails its own test', async () => {
    const bench = k1Handset({ software: '2.0.1' })
    onTestFinished(() => bench.handset.close())
    bench.handset.powerOn()
    await untilState(bench, 'self-test-failed')
    const face = new HandsetFace(bench.handset, bench.clock)
    expect(await bench.clock.runUntil(face.testSignal('hello'))).toEqual(NO_ANSWER)
  })

  test('waits while a cable is on the line, and goes out when it is free', async () => {
    const bench = await running()
    const { face, handset, clock } = bench
    const [ours, theirs] = memoryPair({ names: ['ours', 'theirs'], baud: 115_200 })
    handset.attach(ours)
    expect(await timed(bench, face.testSignal('hello'))).toEqual(NO_ANSWER)
    const asking = face.testSignal('hello')
    await clock.advance(1000)
    await theirs.close()
    expect(await timed(bench, asking)).toMatchObject({ answer: 'hello' })
  })

  test('is heard over the air: the cable may be out', async () => {
    const bench = await running()
    bench.handset.switchCable(false)
    expect(await timed(bench, bench.face.testSignal('hello'))).toMatchObject({ answer: 'hello' })
  })
})

describe('a notice', () => {
  test('has the handset ask for the update itself [S1-14]', async () => {
    const bench = await updatingHandset([offer])
    const face = new HandsetFace(bench.handset, bench.clock)
    face.notice()
    await until(bench, () => bench.handset.update?.outcome === 'updated')
    expect(bench.handset.update).toMatchObject({ outcome: 'updated' })
    expect(face.software).toEqual({ ...SOFTWARE, version: '1.1.0' })
    expect(bench.server.steps).toEqual(['U1', 'U5', 'U6', 'U10'])
  })

  test('that comes while it asks already is answered by asking again', async () => {
    const bench = await updatingHandset([])
    const face = new HandsetFace(bench.handset, bench.clock)
    bench.handset.startUpdate()
    face.notice()
    face.notice()
    await until(bench, () => bench.server.steps.length === 2)
    await bench.clock.advance(60_000)
    expect(bench.server.steps).toEqual(['U1', 'U1'])
  })

  test('waits until the handset can ask, but not over a loss of power', async () => {
    const bench = await updatingHandset([])
    const { handset, clock, server } = bench
    const face = new HandsetFace(handset, clock)
    handset.powerOff()
    handset.powerOn()
    face.notice()
    expect(handset.update).toBeNull()
    await until(bench, () => server.steps.length === 1)
    handset.powerOff()
    face.notice()
    handset.powerOn()
    await untilState(bench, 'normal')
    await clock.advance(60_000)
    expect(server.steps).toEqual(['U1'])
  })
})
