import { describe, expect, test } from 'vitest'
import { makeDelta } from '../../src-main/delta/make-delta'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { Board } from '../../src-main/handset/campaign/board'
import { Recording } from '../../src-main/handset/campaign/recording'
import { modelNamed } from '../../src-main/handset/service/models'
import { decodeAhead } from '../../src-main/wire/delta/open-rewrite-source'
import { CUT_PAIRS } from '../handset/campaign/cut-pairs'
import { FIRMWARE_PAIRS, IN_PLACE, type Pair } from './pairs'

/** Erases of a handset that rewrites itself undisturbed, in the order of the regions. */
async function erasesOf(pair: Pair) {
  const { file, sectorErases } = await makeDelta({ ...IN_PLACE, ...pair }, () => undefined)
  const source = decodeAhead(file, nodeSha256)
  const named = { bytes: file.length, sha256: nodeSha256([file]) }
  const board = new Board({
    ...pair,
    source,
    file: named,
    model: modelNamed('k1'),
    sha256: nodeSha256,
  })
  const erases = new Recording(board).operations.filter(({ kind }) => kind === 'erase')
  const regions = erases.map(({ address }) => board.regionAt(address))
  return {
    announced: sectorErases,
    made: erases.length,
    ofRegion: regions.filter(region => region === 'executable').length,
    steps: source.plan.steps.length,
  }
}

describe('the erases that a file is made with', () => {
  test.each([...CUT_PAIRS, FIRMWARE_PAIRS[0]!])('are those of a rewrite: $name', async pair => {
    const { announced, made, ofRegion, steps } = await erasesOf(pair)
    expect({ made, ofRegion }).toEqual({ made: announced, ofRegion: steps })
  })
})
