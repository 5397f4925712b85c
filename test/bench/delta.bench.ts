import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDelta } from '../../src-main/delta/make-delta'
import { applied, FIRMWARE_PAIRS, type Pair } from '../delta/pairs'
import { askTool, DELTA_TOOLS } from '../peers/delta-tools'

const RAM_BYTES = 65_536

/** Pairs of the folder that KINTSUGI_FIRMWARE_PAIRS names: folders with old.bin and new.bin. */
function givenPairs(): Pair[] {
  const folder = process.env['KINTSUGI_FIRMWARE_PAIRS']
  if (folder === undefined) {
    console.log('KINTSUGI_FIRMWARE_PAIRS names no folder: the pairs of the project only')
    return []
  }
  const names = readdirSync(folder).filter(name => existsSync(join(folder, name, 'old.bin')))
  const read = (name: string, file: string) =>
    new Uint8Array(readFileSync(join(folder, name, file)))
  return names
    .toSorted()
    .map(name => ({ name, old: read(name, 'old.bin'), fresh: read(name, 'new.bin') }))
}

const ratios: number[] = []

for (const pair of [...FIRMWARE_PAIRS, ...givenPairs()]) {
  test(`differential file of ${pair.name}`, { timeout: 600_000 }, async () => {
    const startedAt = process.cpuUsage()
    const order = { ...pair, ramBytes: RAM_BYTES }
    const { file, fullBytes } = await makeDelta(order, () => undefined)
    const used = process.cpuUsage(startedAt)
    const seconds = (used.user + used.system) / 1e6
    expect(applied(pair.old, file)).toEqual(pair.fresh)
    const peers = DELTA_TOOLS.flatMap(tool => {
      const result = askTool(tool, pair)
      return result ? [{ name: tool.name, ...result }] : []
    })
    const best = Math.min(...peers.map(({ bytes }) => bytes))
    if (peers.length > 0) ratios.push(file.length / best)
    const others = peers.map(
      ({ name, bytes, seconds: taken }) => `${name} ${bytes} (${taken.toFixed(2)} s)`,
    )
    console.log(
      [
        `${pair.name}: ${file.length} bytes in ${seconds.toFixed(2)} s of CPU`,
        `${(file.length / fullBytes).toFixed(3)} of the full image packed`,
        ...others,
        peers.length > 0 ? `${(file.length / best).toFixed(3)} of the best` : 'no peers here',
      ].join(', '),
    )
  })
}

test('all differential files together', () => {
  if (ratios.length === 0) return
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  const worst = Math.max(...ratios)
  console.log(
    `${ratios.length} pairs: ${mean.toFixed(3)} of the best peer (geometric mean), worst ${worst.toFixed(3)}`,
  )
  expect(worst).toBeLessThan(1.2)
})
