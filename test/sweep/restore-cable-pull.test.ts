import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { equalBytes } from '../../src-main/base/bytes'
import type { RestoreView } from '../../src-main/contract/restore'
import { throttleLink } from '../../src-main/handset/link-throttle'
import type { ByteLink } from '../../src-main/link/byte-link'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { decodePacket } from '../../src-main/wire/smp/packet'
import { UPLOAD, isCommand } from '../restore/smp-peer'
import { cutLink, type Side } from './restore-cut-link'
import { firmware, flashOf, openRig, regionBytes } from './restore-rig'

const OLD = firmware('k1-1.0.0.bin')
const IMAGE = firmware('k1-1.1.0.bin')
const DONE = new Set(['restored', 'written', 'up-to-date'])
/** What the handsets state: four buffers, and the host never has more pieces under way. */
const WINDOW = 4

/** A piece of an upload as it was handed to the line. */
interface SentPiece {
  readonly from: number
  readonly end: number
  readonly wireBytes: number
}

/** Where a cable is pulled: before a frame, or in the middle of it. */
interface Pull {
  readonly side: Side
  readonly frame: number
  readonly isHalf: boolean
  readonly isTold: boolean
}

describe.each(['console', 'raw'] as const)('a cable pulled at every %s frame', name => {
  const base = flashOf(OLD, true)
  const encoding = SMP_ENCODINGS[name]
  let rig: Awaited<ReturnType<typeof openRig>>
  beforeAll(async () => void (rig = await openRig(IMAGE, { smpEncoding: name })))
  afterAll(() => rig.close())

  /** Notes the pieces that pass a line, the question for the offset aside. */
  function noting(link: ByteLink, pieces: SentPiece[]): ByteLink {
    const note = (bytes: Uint8Array) => {
      for (const item of encoding.createParser().push(bytes)) {
        if (item.kind !== 'packet') continue
        const request = decodePacket(item.packet)
        const { off, data } = request.payload
        if (!isCommand(request, ...UPLOAD) || !(data instanceof Uint8Array)) continue
        const from = Number(off)
        if (data.length === 1 && from === 1) continue
        pieces.push({ from, end: from + data.length, wireBytes: bytes.length })
      }
    }
    return {
      name: link.name,
      baud: link.baud,
      write(bytes) {
        note(bytes)
        return link.write(bytes)
      },
      onData: listener => link.onData(listener),
      onClose: listener => link.onClose(listener),
      close: () => link.close(),
    }
  }

  /** What was handed to a line and has not passed it is lost with it. */
  const slow = (link: ByteLink) => throttleLink(link, { baud: 115_200, clock: rig.clock })

  const restore = (resume: boolean) => rig.restore({ encoding: name, resume })

  /** A restore whose cable is pulled, and what was sent until then. */
  async function pulledRestore({ side, frame, isHalf, isTold }: Pull) {
    const pieces: SentPiece[] = []
    const frames = { sent: 0, received: 0 }
    let sentBefore = 0
    const flash = base.clone()
    const { handset, plug } = rig.connect(flash, link => {
      const line = cutLink(link, {
        isTold,
        passes(passed, bytes) {
          frames[passed] += 1
          if (passed !== side || frames[passed] < frame) return bytes.length
          return isHalf ? bytes.length >> 1 : 0
        },
        onCut: () => void (sentBefore = pieces.length),
      })
      return noting(slow(line), pieces)
    })
    const view = await restore(false)
    const sent = pieces.slice(0, sentBefore)
    return { view, handset, plug, flash, sentEnd: Math.max(0, ...sent.map(({ end }) => end)) }
  }

  /** The frames of a whole restore, and how many bytes the longest piece has on the line. */
  async function countFrames() {
    const pieces: SentPiece[] = []
    const frames = { sent: 0, received: 0 }
    const count = (side: Side, bytes: Uint8Array) => {
      frames[side] += 1
      return bytes.length
    }
    rig.connect(base.clone(), link =>
      noting(slow(cutLink(link, { isTold: true, passes: count })), pieces),
    )
    expect(await restore(false)).toMatchObject({ result: 'written', verified: true, retries: 0 })
    return { ...frames, pieceBytes: Math.max(...pieces.map(({ wireBytes }) => wireBytes)) }
  }

  function problemsOf(view: RestoreView, isWhole: boolean): string[] {
    if (!DONE.has(view.result ?? '')) return view.verified && !isWhole ? ['a false proof'] : []
    return view.verified && isWhole ? [] : [`${view.result} without proof`]
  }

  test('in either direction costs one more restore, which sends a window and a piece again at most [S0-40]', async () => {
    const { sent, received, pieceBytes } = await countFrames()
    expect(Math.min(sent, received)).toBeGreaterThan(45)
    const failures: string[] = []
    const tally = { pulls: 0, resumed: 0, anew: 0, upToDate: 0, mostSentAgain: 0 }
    for (const [side, frames] of Object.entries({ sent, received }) as [Side, number][]) {
      for (let turn = 0; turn < 2 * frames; turn++) {
        const [frame, isHalf] = [1 + (turn >> 1), turn % 2 === 1]
        // The two encodings share what is above them, so raw frames take turns.
        const ways = name === 'console' ? [true, false] : [frame % 2 === 0]
        for (const isTold of ways) {
          const pulled = await pulledRestore({ side, frame, isHalf, isTold })
          const isWhole = () => equalBytes(regionBytes(pulled.flash, IMAGE.length), IMAGE)
          const problems = problemsOf(pulled.view, isWhole())

          const pieces: SentPiece[] = []
          pulled.plug(link => noting(slow(link), pieces))
          const again = await restore(true)
          const twice = pieces.filter(({ from }) => from < pulled.sentEnd)
          const sentAgain = twice.reduce((total, { wireBytes }) => total + wireBytes, 0)
          const isGood = DONE.has(again.result ?? '') && again.verified && isWhole()
          if (!isGood) problems.push(`then ${again.result}: ${again.error?.message}`)
          if (sentAgain > (WINDOW + 1) * pieceBytes) {
            problems.push(`${sentAgain} bytes were sent again, from ${again.resumedFrom}`)
          }
          tally.pulls += 1
          tally.mostSentAgain = Math.max(tally.mostSentAgain, sentAgain)
          if (again.result === 'up-to-date') tally.upToDate += 1
          else if (again.resumedFrom === null) tally.anew += 1
          else tally.resumed += 1
          const place = `${side} frame ${frame}${isHalf ? '½' : ''}, told: ${isTold}`
          failures.push(...problems.map(problem => `${place}: ${problem}`))
        }
      }
    }
    expect(failures).toEqual([])
    expect(tally.resumed).toBeGreaterThan(150)
    console.log(
      `cable pulls, ${name}: ${JSON.stringify(tally)}; a window and a piece are ` +
        `${(WINDOW + 1) * pieceBytes} bytes`,
    )
  }, 600_000)
})
