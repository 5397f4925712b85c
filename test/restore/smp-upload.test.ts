import { describe, expect, test } from 'vitest'
import {
  next,
  uploadOf,
  type UploadInput,
  type UploadLimits,
} from '../../src-main/restore/drivers/smp-upload'

const LIMITS: UploadLimits = {
  totalBytes: 500,
  firstPieceBytes: 64,
  pieceBytes: 128,
  window: 2,
  quietMs: 0,
}

/** Plays inputs and notes what each of them caused: `#2 64+128` is piece 2, 128 bytes from 64. */
function play(inputs: readonly UploadInput[], limits: Partial<UploadLimits> = {}) {
  let state = uploadOf({ ...LIMITS, ...limits })
  const log = inputs.map(input => {
    const transition = next(state, input)
    state = transition.state
    const words = transition.effects.map(effect =>
      effect.kind === 'send'
        ? `#${effect.piece.id} ${effect.piece.offset}+${effect.piece.bytes}`
        : `wait ${effect.milliseconds}`,
    )
    return words.join(', ')
  })
  return { log, state, end: state.end }
}

const started: UploadInput = { kind: 'started' }
const silence: UploadInput = { kind: 'silence' }
const wants = (id: number, offset: number, match?: boolean): UploadInput => ({
  kind: 'answered',
  id,
  offset,
  match,
})
const refuses = (id: number, rc: number, passing = false): UploadInput => ({
  kind: 'refused',
  id,
  rc,
  reason: 'because',
  passing,
})

describe('the upload machine', () => {
  test('sends the first piece alone, then keeps the window full, and ends with the answer', () => {
    const { log, state, end } = play([
      started,
      wants(1, 64),
      wants(2, 192),
      wants(3, 320),
      wants(4, 448),
      wants(5, 500, true),
    ])
    expect(log).toEqual([
      '#1 0+64, wait 10000',
      '#2 64+128, #3 192+128, wait 1500',
      '#4 320+128, wait 1500',
      '#5 448+52, wait 5000',
      'wait 5000',
      '',
    ])
    expect(end).toEqual({ kind: 'complete', match: true })
    expect(state.retries).toBe(0)
  })

  test('takes an image that fits into the first piece', () => {
    const { log, end } = play([started, wants(1, 40)], { totalBytes: 40 })
    expect(log[0]).toBe('#1 0+40, wait 10000')
    expect(end).toEqual({ kind: 'complete', match: undefined })
  })

  test('follows a device that took less than was sent, once for all that is under way', () => {
    const { log, state } = play([
      started,
      wants(1, 64),
      // Of 64+128 only 120 bytes were taken; piece 3 began too late for the device.
      wants(2, 184),
      wants(3, 184),
      wants(4, 312),
    ])
    expect(log.slice(2)).toEqual(['#4 184+128, #5 312+128, wait 1500', '', '#6 440+60, wait 5000'])
    expect(state.retries).toBe(1)
  })

  test('sends again from the wanted byte when a piece was lost on the way', () => {
    const { log } = play([started, wants(1, 64), wants(3, 64), wants(4, 192)])
    expect(log.slice(2)).toEqual(['#4 64+128, #5 192+128, wait 3000', '#6 320+128, wait 1500'])
  })

  test('goes on when only an answer was lost', () => {
    const { log } = play([started, wants(1, 64), wants(3, 320)])
    expect(log[2]).toBe('#4 320+128, #5 448+52, wait 5000')
  })

  test('jumps ahead when the device has a part of the image already', () => {
    const { log, state } = play([started, wants(1, 256)])
    expect(log[1]).toBe('#2 256+128, #3 384+116, wait 5000')
    expect(state.retries).toBe(0)
  })

  test('starts over when the device lost its power, but not for ever', () => {
    const inputs = [started, wants(1, 64)]
    for (let id = 2; id <= 15; id += 3) inputs.push(wants(id, 0), wants(id + 2, 64))
    const { log, state, end } = play(inputs)
    expect(log[2]).toBe('#4 0+64, wait 10000')
    expect(state.setbacks).toBe(5)
    expect(end).toBeUndefined()
    expect(play([...inputs, wants(17, 0)]).end).toEqual({
      kind: 'confused',
      reason: 'it asks for byte 0 again and again',
    })
  })

  test('after silence sends one piece at a time, after more silence shorter ones', () => {
    const { log, state } = play([started, wants(1, 64), silence, silence, wants(5, 128)])
    expect(log.slice(2)).toEqual([
      '#4 64+128, wait 3000',
      '#5 64+64, wait 6000',
      '#6 128+64, wait 1500',
    ])
    expect(state.retries).toBe(2)
  })

  test('after silence on the first piece sends one that any device takes', () => {
    const limits = { totalBytes: 5000, firstPieceBytes: 928, pieceBytes: 992 }
    const { log } = play([started, silence, wants(2, 96), wants(3, 192)], limits)
    expect(log).toEqual([
      '#1 0+928, wait 10000',
      '#2 0+96, wait 10000',
      '#3 96+96, wait 1500',
      '#4 192+96, wait 1500',
    ])
  })

  test('shortens its pieces to a quarter, down to 64 bytes, before its patience is over', () => {
    const limits = { totalBytes: 50_000, firstPieceBytes: 928, pieceBytes: 4064 }
    const inputs = [started, wants(1, 928), silence, silence, silence, silence]
    expect(play(inputs, limits).log.slice(2)).toEqual([
      '#4 928+4064, wait 3000',
      '#5 928+992, wait 6000',
      '#6 928+224, wait 6000',
      '#7 928+64, wait 6000',
    ])
  })

  test('gives up after five silences in a row, or three at the first piece', () => {
    const { end } = play([started, wants(1, 64), silence, silence, silence, silence, silence])
    expect(end).toEqual({ kind: 'silent' })
    expect(play([started, silence, silence]).end).toBeUndefined()
    expect(play([started, silence, silence, silence]).end).toEqual({ kind: 'silent' })
  })

  test('regains its pace after calm, and more slowly after more trouble', () => {
    const limits = { totalBytes: 100_000 }
    const inputs = [started, wants(1, 64), silence]
    let offset = 64
    // Piece 4 is the first one after the silence; from then on one piece at a time.
    for (let id = 4; id < 36; id++) inputs.push(wants(id, (offset += 128)))
    const slow = play(inputs.slice(0, -1), limits).state
    const again = play(inputs, limits).state
    expect([slow.window, slow.inFlight.length]).toEqual([1, 1])
    expect([again.window, again.inFlight.length, again.calmNeeded]).toEqual([2, 2, 32])
  })

  test('ignores answers to pieces that were given up, and answers that come twice', () => {
    const { log, state } = play([started, wants(1, 64), silence, wants(2, 192), wants(1, 64)])
    expect(log.slice(3)).toEqual(['', ''])
    expect(state.wanted).toBe(64)
  })

  test('ends a device that never moves on', () => {
    const inputs = [started, wants(1, 64)]
    for (const id of [2, 4, 6, 8]) inputs.push(wants(id, 64))
    expect(play(inputs).end).toBeUndefined()
    expect(play([...inputs, wants(10, 64)]).end).toEqual({
      kind: 'confused',
      reason: 'it asks for byte 64 again and again',
    })
  })

  test('ends a device that asks for bytes behind the end', () => {
    expect(play([started, wants(1, 501)]).end).toEqual({
      kind: 'confused',
      reason: 'it asks for byte 501 of an image of 500 bytes',
    })
  })

  test('reports a refusal of the first piece with the flash untouched', () => {
    const { state, end } = play([started, refuses(1, 3)])
    expect(end).toEqual({ kind: 'refused', rc: 3, reason: 'because' })
    expect(state.touched).toBe(false)
    expect(play([started, wants(1, 64), refuses(2, 1)]).state.touched).toBe(true)
  })

  test('waits a little when the device is busy, and not for ever', () => {
    const { log } = play([started, wants(1, 64), refuses(2, 10, true), silence])
    expect(log.slice(2)).toEqual(['wait 300', '#4 64+128, wait 3000'])
    const inputs = [started, wants(1, 64), refuses(2, 10, true), silence]
    for (const id of [4, 5, 6]) inputs.push(refuses(id, 10, true), silence)
    expect(play([...inputs, refuses(7, 10, true)]).end).toMatchObject({ kind: 'refused', rc: 10 })
  })

  test('says that the device does not match what was announced', () => {
    const { end } = play([started, wants(1, 500, false)])
    expect(end).toEqual({ kind: 'complete', match: false })
  })

  test('does nothing after its end', () => {
    const { log } = play([started, refuses(1, 3), wants(1, 64), silence, started])
    expect(log.slice(1)).toEqual(['', '', '', ''])
  })
})
