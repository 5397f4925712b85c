import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionFrame } from '../../src-main/contract/app'
import { CONTRACT_VERSION } from '../../src-main/contract/constants'
import { openWorkbench, type HostedWorkbench } from '../../src-main/workbench'
import { carrierKinds, type Carrier } from './carriers'

const fixture = resolve(import.meta.dirname, '../fixtures/firmware/micropython.bin')
const firmware = readFileSync(fixture).subarray(0, 16_384)

describe.each(carrierKinds)('the whole workbench over $name', ({ start }) => {
  let hosted: HostedWorkbench
  let side: Awaited<ReturnType<typeof start>>
  let carrier: Carrier

  beforeEach(async () => {
    hosted = await openWorkbench({ host: 'headless' })
    side = await start(hosted.router)
    carrier = await side.open()
  })
  afterEach(async () => {
    await carrier.leave()
    await side.stop()
    await hosted.workbench.close()
  })

  test('tells what was done, by whom it was refused, and what comes of it', async () => {
    const { client } = carrier
    expect(await client.app.hello()).toMatchObject({ host: 'headless', dataDir: null })
    await hosted.workbench.upload('fw.bin', firmware)
    await hosted.workbench.upload('none.bin', new Uint8Array()).catch(error => error)
    const created = await client.handsets.create({ name: 'h1' })
    const again = await client.handsets.create({ name: 'h1' }).catch(error => error)
    expect(again).toMatchObject({ defined: true, code: 'HANDSET_EXISTS', status: 409 })
    const unknown = await client.handsets.power({ name: 'nobody', on: true }).catch(error => error)
    expect(unknown).toMatchObject({ defined: true, code: 'HANDSET_UNKNOWN' })
    const link = await client.restore.identify({ link: 'nonsense' }).catch(error => error)
    expect(link).toMatchObject({ defined: true, code: 'BAD_LINK' })
    const field = await client.observe.advanceClock({ milliseconds: -1 }).catch(error => error)
    expect(field).toMatchObject({ code: 'BAD_REQUEST', data: { field: 'milliseconds' } })
    const clock = await client.observe.advanceClock({ milliseconds: 1 }).catch(error => error)
    expect(clock).toMatchObject({ defined: true, code: 'CLOCK_REAL' })

    expect(await client.handsets.list()).toEqual([created])
    const actions = await client.observe.actions({})
    expect(actions.map(({ call, outcome }) => `${call} ${outcome}`)).toEqual([
      'upload ok',
      'upload IMAGE_DAMAGED',
      'handsets.create ok',
      'handsets.create HANDSET_EXISTS',
      'handsets.power HANDSET_UNKNOWN',
      'restore.identify BAD_LINK',
      'observe.advanceClock CLOCK_REAL',
    ])
  })

  test('restores a handset under the eyes of a connection, and a new one finds it done', async () => {
    const { client } = carrier
    const { digest } = await hosted.workbench.upload('fw.bin', firmware)
    const frames = await client.app.connect({ contract: CONTRACT_VERSION })
    const seen: ConnectionFrame[] = []
    const watching = (async () => {
      for await (const frame of frames) {
        seen.push(frame)
        if (stagesIn(seen).includes('ended')) return
      }
    })()
    await client.handsets.create({ name: 'h1' })
    await client.handsets.power({ name: 'h1', on: true })
    const { id } = await client.restore.start({ link: 'virtual:h1', digest })
    let last
    for await (const view of await client.restore.watch({ id })) last = view
    expect(last).toMatchObject({ stage: 'ended', verified: true, doneBytes: firmware.length })
    await watching
    expect(seen.slice(0, 2).map(frame => frame.kind)).toEqual(['hello', 'snapshot'])
    expect(stagesIn(seen)).toContain('writing')

    await carrier.leave()
    carrier = await side.open()
    const anew = await carrier.client.app.connect({ contract: CONTRACT_VERSION })
    await anew.next()
    const { value: snapshot } = await anew.next()
    expect(snapshot).toMatchObject({
      kind: 'snapshot',
      snapshot: { restores: [{ id, stage: 'ended' }], images: [{ digest }] },
    })
    await anew.return?.(undefined)
  })
})

function stagesIn(frames: readonly ConnectionFrame[]): string[] {
  const events = frames.flatMap(frame => (frame.kind === 'events' ? frame.events : []))
  return events.flatMap(event => (event.kind === 'restore-changed' ? [event.restore.stage] : []))
}
