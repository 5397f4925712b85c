import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { sleep } from '../../../src-main/base/clock'
import type { Handset } from '../../../src-main/handset/handset'
import { memoryPair } from '../../../src-main/link/memory-link'
import type { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { readImageState } from '../../../src-main/wire/smp/messages'
import { firmwareImage } from '../../handset/firmware/running-firmware'
import { k1Handset, untilState } from '../../handset/running-handset'
import { describe as wordsOf, packetsIn, readNotebook, traceNamed } from './notebook'
import { Script } from './script'

const TRACES = readNotebook('software.trace')

describe('running software with a host that shows', () => {
  let clock: VirtualClock
  let handset: Handset
  beforeAll(async () => {
    const running = k1Handset({ software: firmwareImage('k1-1.0.0.bin') })
    clock = running.clock
    handset = running.handset
    handset.powerOn()
    await untilState(running, 'normal')
    await clock.advance(10_000)
  })

  test.each(TRACES)('$name', async trace => {
    const [host, device] = memoryPair()
    handset.attach(device)
    const script = new Script('host', { link: host, clock })
    const playing = script.play(trace)
    const problem = await clock.runUntil(playing)
    await clock.runUntil(sleep(clock, 500))
    expect([problem, script.rest]).toEqual([undefined, ''])
  })

  /** Its hash is that of the image as it was built, so its bytes are not written down. */
  test('the image state', async () => {
    const [host, device] = memoryPair()
    handset.attach(device)
    const heard: Uint8Array[] = []
    host.onData(bytes => heard.push(bytes))
    const [request] = traceNamed(readNotebook('restore-mode.trace'), 'a whole restore').steps
    if (request?.from !== 'host') throw new Error('The trace begins with the question')
    for (const bytes of request.reads) await host.write(bytes)
    await clock.runUntil(sleep(clock, 5000))
    const packets = packetsIn(Buffer.concat(heard))
    expect(wordsOf(packets)).toBe(
      'read answer 1/0 #1 {images: [{image: 0, slot: 0, version: "1.0.0", hash: 32 bytes, ' +
        'bootable: true, active: true, confirmed: true}]}',
    )
    const [slot] = readImageState.readAnswer(packets[0]?.payload ?? {})
    const digest = createHash('sha256').update(firmwareImage('k1-1.0.0.bin')).digest()
    expect(Buffer.compare(slot?.hash ?? Buffer.alloc(0), digest)).toBe(0)
  })
})
