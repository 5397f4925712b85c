import { describe, expect, test } from 'vitest'
import type { CodedError } from '../../src-main/base/coded-error'
import { memoryPair } from '../../src-main/link/memory-link'

describe('the in-memory pair of links', () => {
  test('delivers in order, both ways, and never within the call that sends', async () => {
    const [a, b] = memoryPair()
    const atB: number[] = []
    const atA: number[] = []
    b.onData(bytes => atB.push(...bytes))
    a.onData(bytes => atA.push(...bytes))
    const sent = [
      a.write(Uint8Array.of(1, 2)),
      a.write(Uint8Array.of(3)),
      b.write(Uint8Array.of(9)),
    ]
    expect(atB).toEqual([])
    await Promise.all(sent)
    expect(atB).toEqual([1, 2, 3])
    expect(atA).toEqual([9])
  })

  test('keeps what was sent when the sender uses its buffer again', async () => {
    const [a, b] = memoryPair()
    const seen: number[] = []
    b.onData(bytes => seen.push(...bytes))
    const buffer = Uint8Array.of(1)
    const first = a.write(buffer)
    buffer[0] = 2
    await Promise.all([first, a.write(buffer)])
    expect(seen).toEqual([1, 2])
  })

  test('hands bytes over in pieces of the size asked for', async () => {
    const [a, b] = memoryPair({ chunkBytes: 2 })
    const pieces: number[][] = []
    b.onData(bytes => pieces.push([...bytes]))
    await a.write(Uint8Array.of(1, 2, 3, 4, 5))
    expect(pieces).toEqual([[1, 2], [3, 4], [5]])
  })

  test('keeps bytes that arrive before anybody listens', async () => {
    const [a, b] = memoryPair()
    await a.write(Uint8Array.of(7))
    const seen: number[] = []
    b.onData(bytes => seen.push(...bytes))
    expect(seen).toEqual([7])
  })

  test('a close arrives behind the bytes before it and ends both sides', async () => {
    const [a, b] = memoryPair()
    const events: string[] = []
    b.onData(bytes => events.push(`bytes ${[...bytes].join()}`))
    b.onClose(cause => events.push(cause?.code ?? 'closed here'))
    a.onClose(cause => events.push(`a: ${cause?.code ?? 'closed here'}`))
    void a.write(Uint8Array.of(1))
    await a.close()
    await a.close()
    expect(events).toEqual(['a: closed here', 'bytes 1', 'LINK_LOST'])
    await expect(a.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'LINK_LOST' })
    await expect(b.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'LINK_LOST' })
  })

  test('tells the end to somebody who asks too late', async () => {
    const [a, b] = memoryPair({ names: ['left', 'right'] })
    await a.close()
    const causes: (CodedError | null)[] = []
    b.onClose(cause => causes.push(cause))
    expect(causes[0]?.message).toBe(
      'The link right is gone: the other side closed it. Check the cable and start again.',
    )
  })
})
