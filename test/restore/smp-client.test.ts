import { describe, expect, test } from 'vitest'
import { memoryPair } from '../../src-main/link/memory-link'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import {
  SmpClient,
  type SmpPassage,
  type SmpReply,
} from '../../src-main/restore/drivers/smp-client'
import { consoleEncoding } from '../../src-main/wire/smp/console'
import { answerTo, echo, readImageState } from '../../src-main/wire/smp/messages'
import type { SmpPacket } from '../../src-main/wire/smp/packet'
import { smpPeer, type Answer } from './smp-peer'

const PATIENCE = { timeoutMs: 1000, attempts: 3 }

function bench(answer: Answer, chunkBytes?: number) {
  const [ours, theirs] = memoryPair(chunkBytes === undefined ? {} : { chunkBytes })
  const clock = new VirtualClock()
  const abort = new AbortController()
  const notes: string[] = []
  const passages: SmpPassage[] = []
  const client = new SmpClient({
    link: ours,
    clock,
    encoding: consoleEncoding,
    signal: abort.signal,
    onNote: (_level, text) => notes.push(text),
    onPassage: passage => passages.push(passage),
  })
  const peer = smpPeer(theirs, answer)
  return { client, clock, peer, notes, passages, abort, theirs }
}

describe('the SMP client', () => {
  test('asks and gets the answer, whatever pieces the bytes come in', async () => {
    const { client, clock, passages } = bench(({ payload }) => ({ r: payload['d'] }), 1)
    const outcome = await clock.runUntil(client.ask(echo('hello'), PATIENCE))
    expect(outcome).toEqual({ kind: 'answered', answer: 'hello' })
    expect(client.retries).toBe(0)
    expect(passages.map(({ direction, command }) => `${direction} ${command}`)).toEqual([
      'sent echo',
      'received echo',
    ])
  })

  test('repeats on silence and gives up after the last attempt', async () => {
    const { client, clock, peer } = bench(() => undefined)
    const before = clock.now()
    const outcome = await clock.runUntil(client.ask(echo('hello'), PATIENCE))
    expect(outcome).toEqual({ kind: 'silence' })
    expect(clock.now() - before).toBe(3000)
    expect(peer.requests.length).toBe(3)
    // Whom nobody answers has nothing sent again.
    expect(client.retries).toBe(0)
    expect(new Set(peer.requests.map(({ sequence }) => sequence)).size).toBe(3)
  })

  test('ignores a late answer to an earlier attempt', async () => {
    const kept: SmpPacket[] = []
    const { client, clock, peer, notes } = bench(request => {
      kept.push(request)
      return kept.length === 1 ? undefined : { r: 'second' }
    })
    const asking = clock.runUntil(client.ask(echo('x'), PATIENCE))
    const first = await clock.runUntil(asking)
    expect(first).toEqual({ kind: 'answered', answer: 'second' })
    peer.send(answerTo(kept[0]!, { r: 'first, late' }))
    await clock.advance(1)
    expect(notes.at(-1)).toMatch(
      /^An answer that nobody waits for was ignored \(group 0, command 0/,
    )
  })

  test('ignores answers of another group, command, kind or sequence, and takes the right one', async () => {
    const { client, clock, peer, notes } = bench(request => {
      const right = answerTo(request, { r: 'right' })
      peer.send({ ...right, group: 1 })
      peer.send({ ...right, command: 7 })
      peer.send({ ...right, op: 1 })
      peer.send({ ...right, sequence: (right.sequence + 1) % 256 })
      // An echo of the request itself, as a looped cable gives it.
      peer.send(request)
      return { r: 'right' }
    })
    const outcome = await clock.runUntil(client.ask(echo('x'), PATIENCE))
    expect(outcome).toEqual({ kind: 'answered', answer: 'right' })
    expect(notes.filter(note => note.startsWith('An answer that nobody waits for'))).toHaveLength(5)
    expect(client.retries).toBe(0)
  })

  test('takes an answer once when it comes twice', async () => {
    const replies: SmpReply<string>[] = []
    const { client, clock, peer } = bench(request => {
      peer.send(answerTo(request, { r: 'twice' }))
      return { r: 'twice' }
    })
    client.post(echo('x'), reply => replies.push(reply))
    await clock.advance(1)
    expect(replies).toEqual([{ kind: 'answered', answer: 'twice' }])
  })

  test('shows console text and passes over noise between frames', async () => {
    const { client, clock, peer, notes } = bench(({ payload }) => {
      peer.print('[00:01] booting\r\n')
      peer.print('\u0006\tnot base64!\n')
      return { r: payload['d'] }
    })
    const outcome = await clock.runUntil(client.ask(echo('x'), PATIENCE))
    expect(outcome).toMatchObject({ kind: 'answered' })
    expect(notes[0]).toBe('device: [00:01] booting')
    expect(notes[1]).toMatch(/^\d+ bytes thrown away: /)
  })

  test('shows console text without what could take over a terminal', async () => {
    const { client, clock, peer, notes } = bench(({ payload }) => {
      peer.print('\u001B[2J\u0007ready\r\n')
      return { r: payload['d'] }
    })
    await clock.runUntil(client.ask(echo('x'), PATIENCE))
    expect(notes[0]).toBe('device: \uFFFD[2J\uFFFDready')
  })

  test('tells a refusal from an answer that makes no sense', async () => {
    const refused = bench(() => ({ rc: 8 }))
    expect(await refused.clock.runUntil(refused.client.ask(echo('x'), PATIENCE))).toMatchObject({
      kind: 'refused',
      failure: { rc: 8, message: 'the device does not support this command' },
    })
    const senseless = bench(() => ({ images: 7 }))
    const outcome = await senseless.clock.runUntil(senseless.client.ask(readImageState, PATIENCE))
    expect(outcome).toMatchObject({ kind: 'senseless' })
  })

  test('keeps answers to several requests apart', async () => {
    const { client, clock } = bench(({ payload }) => ({ r: payload['d'] }))
    const seen: string[] = []
    for (const text of ['a', 'b', 'c']) {
      client.post(echo(text), reply => {
        if (reply.kind === 'answered') seen.push(`${text}=${reply.answer}`)
      })
    }
    await clock.advance(1)
    expect(seen).toEqual(['a=a', 'b=b', 'c=c'])
  })

  test('never gives two waiting requests one number, also after the numbers have gone round', async () => {
    const { client, clock, peer } = bench(({ payload }) =>
      payload['d'] === 'stuck' ? undefined : { r: payload['d'] },
    )
    const stuck: string[] = []
    client.post(echo('stuck'), () => stuck.push('answered'))
    for (let round = 0; round < 300; round++) {
      await clock.runUntil(client.ask(echo(String(round)), PATIENCE))
    }
    const [first, ...others] = peer.requests.map(({ sequence }) => sequence)
    expect(others).not.toContain(first)
    expect(stuck).toEqual([])
  })

  test('stops waiting when the link is lost', async () => {
    const { client, clock, theirs } = bench(() => undefined)
    const asking = client.ask(echo('x'), PATIENCE)
    await theirs.close()
    await expect(clock.runUntil(asking)).rejects.toMatchObject({ code: 'LINK_LOST' })
    await expect(client.pause(10)).rejects.toMatchObject({ code: 'LINK_LOST' })
  })

  test('stops waiting when it is cancelled', async () => {
    const { client, clock, abort } = bench(() => undefined)
    const asking = client.ask(echo('x'), PATIENCE)
    abort.abort()
    await expect(clock.runUntil(asking)).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('hears nothing any more once it is closed', async () => {
    const { client, clock, peer, notes } = bench(() => undefined)
    client.close()
    peer.print('still there?\n')
    await clock.advance(1)
    expect(notes).toEqual([])
  })
})
