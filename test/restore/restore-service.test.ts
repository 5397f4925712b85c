import { describe, expect, test } from 'vitest'
import { toHex } from '../../src-main/base/bytes'
import type { RestoreView } from '../../src-main/contract/restore'
import { RestoreService } from '../../src-main/restore/restore-service'
import { bench, IMAGE, stagesOf } from './sample-bench'
import { isCommand, PARAMETERS, SampleDevice, STATE } from './smp-peer'
import { binOf, DIGEST, endOf, LINK, noise, sha256 } from './workshop'

describe('the restore service', () => {
  test('records every message of the restore sequence under its step', async () => {
    const it = await bench()
    await it.restore()
    const entries = it.trace.list({ limit: 500 })
    const steps = entries.map(({ label, type, from }) => `${label} ${from} ${type}`)
    const runs = steps.filter((step, index) => step !== steps[index - 2])
    expect(runs.slice(0, 10)).toEqual([
      '0:R2 restore smp image state',
      '0:R2 handset smp image state answer',
      '0:R2 restore smp parameters',
      '0:R2 handset smp parameters answer',
      '0:R2 restore smp information',
      '0:R2 handset smp information answer',
      '0:R2 restore smp slot information',
      '0:R2 handset smp slot information answer',
      '0:R4 restore smp image upload',
      '0:R4 handset smp image upload answer',
    ])
    expect(runs).toContain('0:R5 restore smp image state')
    expect(runs).toContain('0:R6 restore smp reset')
    const first = entries.find(({ type }) => type === 'smp image upload')
    expect(first).toMatchObject({
      to: 'handset',
      outcome: 'sent',
      fields: { len: 3000, off: 0, sha: toHex(sha256(IMAGE)) },
    })
    expect(first?.fields['bytes']).toBeGreaterThan(300)
    const last = entries.findLast(({ type }) => type === 'smp image upload answer')
    expect(last).toMatchObject({ outcome: 'answered', fields: { off: 3000, match: true } })
  })

  test('records text of the device without control characters', async () => {
    const device = new SampleDevice()
    device.information = 'board\u001B[2J'
    const it = await bench(device)
    await it.restore()
    const entries = it.trace.list({ limit: 500 })
    const told = entries.find(({ type }) => type === 'smp information answer')
    expect(told?.fields).toEqual({ output: 'board\uFFFD[2J' })
  })

  test('shows progress a few times a second and every stage at once', async () => {
    const device = new SampleDevice()
    const it = await bench(device, binOf(noise(200_000)))
    await it.restore()
    const writing = it.published.filter(
      event => event.kind === 'restore-changed' && event.restore.stage === 'writing',
    )
    // Nothing takes time here, so no tenth of a second ever passes.
    expect(writing.length).toBeLessThan(4)
    expect(stagesOf(it)).toHaveLength(6)
  })

  test('lets several people watch, and a slow one see the newest view only', async () => {
    const it = await bench()
    const views = await it.clock.runUntil(
      (async () => {
        const input = { link: LINK, digest: DIGEST, options: it.options }
        const { id } = await it.service.start(input)
        const slow = it.service.watch({ id })
        const left = it.service.watch({ id })
        await left.next()
        await left.return?.()
        const end = await endOf(it.service, id)
        const newest = await slow.next()
        return { end, newest, after: await slow.next(), late: await endOf(it.service, id) }
      })(),
    )
    expect(views.newest).toEqual({ done: false, value: views.end })
    expect(views.after.done).toBe(true)
    expect(views.late).toEqual(views.end)
  })

  test('cancels safely: nothing is sent afterwards and the link is free', async () => {
    const device = new SampleDevice()
    const it = await bench(device)
    const cancelled = await it.clock.runUntil(
      (async () => {
        const input = { link: LINK, digest: DIGEST, options: it.options }
        const { id } = await it.service.start(input)
        for await (const view of it.service.watch({ id })) {
          if (view.stage === 'writing') break
        }
        return it.service.cancel({ id })
      })(),
    )
    expect(cancelled).toMatchObject({
      result: 'interrupted',
      error: {
        code: 'CANCELLED',
        message:
          'While writing: cancelled; nothing is sent any more. ' +
          'The next restore can go on where this one stopped (--resume).',
      },
    })
    const { length } = it.peers[0]!.requests
    await it.clock.advance(60_000)
    expect(it.peers[0]!.requests).toHaveLength(length)
    expect(await it.restore()).toMatchObject({ result: 'restored' })
  })

  test('refuses a second restore at the same link, and identification too', async () => {
    const it = await bench()
    const outcome = await it.clock.runUntil(
      (async () => {
        const input = { link: LINK, digest: DIGEST, options: it.options }
        const { id } = await it.service.start(input)
        const busy = { code: 'LINK_BUSY' }
        await expect(it.service.start(input)).rejects.toMatchObject(busy)
        const asking = it.service.identify({ link: LINK, protocol: 'auto', encoding: 'auto' })
        await expect(asking).rejects.toMatchObject(busy)
        return endOf(it.service, id)
      })(),
    )
    expect(outcome.result).toBe('restored')
    const refusals = await it.audit.list({ limit: 10 })
    expect(refusals.map(({ code }) => code)).toEqual(['LINK_BUSY', 'LINK_BUSY'])
  })

  test('identifies by the image list and shows what the device tells', async () => {
    const it = await bench()
    const identity = await it.clock.runUntil(
      it.service.identify({ link: LINK, protocol: 'auto', encoding: 'auto' }),
    )
    expect(identity).toEqual({
      protocol: 'smp',
      encoding: 'console',
      device: {
        name: 'T-0001',
        model: 'k1',
        mode: 'restore-mode',
        information: 'Kintsugi k1 restore-mode T-0001',
      },
      software: null,
      memory: { bufferBytes: 512, bufferCount: 2, slotBytes: null },
    })
    expect(isCommand(it.peers[0]!.requests[0]!, ...STATE)).toBe(true)
  })

  test('keeps restores and their logs, and closes those that a killed process left open', async () => {
    const it = await bench()
    const ended = await it.restore()
    const lines = await it.service.log({ id: ended.id })
    const open = { ...ended, stage: 'writing', endedAt: null, result: null }
    await it.parts.db
      .insertInto('restores')
      .values({ started_at: 0, view: JSON.stringify({ ...open, id: 2 }) })
      .execute()
    const next = new RestoreService(it.parts)
    const views: RestoreView[] = await next.list({ limit: 10 })
    expect(views.map(({ id, result }) => [id, result])).toEqual([
      [2, 'interrupted'],
      [1, 'restored'],
    ])
    expect(views[0]?.error).toMatchObject({ code: 'INTERRUPTED' })
    expect(await next.log({ id: 1 })).toEqual(lines)
    await next.close()
  })

  test('writes down what it does, and what the device prints meanwhile', async () => {
    const device = new SampleDevice()
    const it = await bench(device)
    device.overrides = request => {
      if (isCommand(request, ...PARAMETERS)) it.peers.at(-1)?.print('battery low\r\n')
      return undefined
    }
    const { id } = await it.restore()
    const lines = await it.service.log({ id })
    expect(lines.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'info: virtual:T-0001 is open.',
      'info: device: battery low',
      'info: T-0001 answers (restore mode); it lists no software.',
      'info: Plan: write. The device does not hold this image.',
      'info: Erased: slot 0, as far as the image needs it.',
      'info: Written: 3000 bytes from byte 0 on.',
      'info: Kept: everything outside of slots.',
      'info: On the line: 4453 bytes out in 7 requests, 257 bytes back.',
      'info: Writing 3000 bytes.',
      'info: Written in 0.0 s; 0 requests were sent again.',
      'info: Read back: the device holds exactly this image.',
      'info: The restored software runs and answers.',
    ])
  })

  test('knows no restore that there never was', async () => {
    const it = await bench()
    const unknown = { code: 'RESTORE_UNKNOWN' }
    await expect(it.service.log({ id: 9 })).rejects.toMatchObject(unknown)
    await expect(it.service.cancel({ id: 9 })).rejects.toMatchObject(unknown)
    await expect(it.service.watch({ id: 9 }).next()).rejects.toMatchObject(unknown)
  })
})
