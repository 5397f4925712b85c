import { beforeAll, describe, expect, test, vi } from 'vitest'
import { FaultPlan } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { Board, type BoardParts } from '../../../src-main/handset/campaign/board'
import { ProtectedCode } from '../../../src-main/handset/campaign/protected-code'
import { Recording } from '../../../src-main/handset/campaign/recording'
import { PowerCut } from '../../../src-main/handset/flash/flash-port'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { decodeAhead, openRewriteSource } from '../../../src-main/wire/delta/open-rewrite-source'
import type { RewriteSource, RewriteStep } from '../../../src-main/wire/delta/rewrite-source'
import { CUT_PAIRS, orderOf, tightBoardParts, TINY_SECTOR_BYTES, tinyPair } from './cut-pairs'

async function partsOf(pair = tinyPair(), sectorBytes = TINY_SECTOR_BYTES): Promise<BoardParts> {
  const { old, file, model } = await orderOf(pair, sectorBytes)
  const source = decodeAhead(file, nodeSha256)
  const named = { bytes: file.length, sha256: nodeSha256([file]) }
  return { old, fresh: pair.fresh, source, file: named, model, sha256: nodeSha256 }
}

describe('a recorded rewrite', () => {
  let parts: BoardParts
  beforeAll(async () => void (parts = await partsOf()))

  test('has at every operation the flash that a real one has when its power fails there', () => {
    const board = new Board(parts)
    const recording = new Recording(board)
    for (const [index] of recording.operations.entries()) {
      const at = index + 1
      const flash = board.chip()
      new ProtectedCode(board, flash).boot()
      flash.settle()
      flash.interrupt(0)
      flash.powerUp()
      const cut = flash.clone({
        faults: new FaultPlan([{ point: 'flash', kind: 'power-cut', at }]),
      })
      const code = new ProtectedCode(board, cut)
      code.boot()
      expect(() => {
        for (const _ of code.rewrite());
        code.judge()
      }).toThrow(PowerCut)
      expect(recording.flashBefore(at).dump()).toEqual(cut.dump())
    }
  })

  test('is the same whether the file was decoded ahead or is decoded as it is read (decision 0003)', async () => {
    const { file } = await orderOf(tinyPair(), TINY_SECTOR_BYTES)
    const streamed = new Recording(
      new Board({ ...parts, source: openRewriteSource(file, nodeSha256) }),
    )
    expect(streamed.operations).toEqual(new Recording(new Board(parts)).operations)
  })
})

test('keeps no more than 520 flashes of a rewrite with more steps', () => {
  const sectors = 1100
  const [old, fresh] = [3, 4].map(seed => seededRandom(seed).bytes(sectors * TINY_SECTOR_BYTES))
  if (!old || !fresh) throw new Error('There are two images.')
  const bytesOf = (sector: number) =>
    fresh.subarray(sector * TINY_SECTOR_BYTES, (sector + 1) * TINY_SECTOR_BYTES)
  const steps = Array.from({ length: sectors }, (_, sector): RewriteStep => {
    return { sector, bytes: TINY_SECTOR_BYTES, backup: { start: 0, end: 0 } }
  })
  const images = { oldBytes: old.length, newBytes: fresh.length }
  const digests = { oldDigest: nodeSha256([old]), newDigest: nodeSha256([fresh]) }
  const source: RewriteSource = {
    plan: { sectorBytes: TINY_SECTOR_BYTES, ...images, ...digests, stash: [], steps },
    pieces: step => [bytesOf(step)],
  }
  const kept = vi.spyOn(NorFlash.prototype, 'clone')
  const recording = new Recording(new Board({ ...tightBoardParts(), old, fresh, source }))
  expect(kept.mock.calls.length).toBeLessThanOrEqual(520)
  kept.mockRestore()
  const last = recording.operations.length
  const flash = recording.flashBefore(last)
  expect(flash.peek(0, fresh.length)).toEqual(fresh)
})

describe('the board of a campaign', () => {
  test('has the sizes that its images ask for, and boots firmware of ours where it lies', async () => {
    const [pair] = CUT_PAIRS
    const parts = await partsOf(pair, 4096)
    const { model, isFirmware } = new Board(parts)
    expect(isFirmware).toBe(true)
    expect(model.regions.map(({ name, address, bytes }) => [name, address, bytes / 4096])).toEqual([
      ['protected', 0, 16],
      ['executable', 0x10000, 11],
      ['journal', 0x1b000, 3],
      ['stash', 0x1e000, 8],
      ['backup', 0x26000, 3],
    ])
  })

  test('says that it cannot judge the boot answer for images of other people', async () => {
    expect(new Board(await partsOf()).isFirmware).toBe(false)
  })
})
