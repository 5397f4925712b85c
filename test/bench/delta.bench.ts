import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { readHeader } from '../../src-main/wire/delta/header'
import { openRewriteSource } from '../../src-main/wire/delta/open-rewrite-source'
import { applied, FIRMWARE_PAIRS, type Pair } from '../delta/pairs'
import { rewritten } from '../delta/rewritten'
import { askTool, DELTA_TOOLS } from '../peers/delta-tools'
import type { MakeRun } from './make-delta-once'
import { RECORDED_PEERS, type RecordedPeers } from './recorded-delta-peers'

const RUNS = Number(process.env['DELTA_BENCH_RUNS'] ?? 3)
const SECTOR = 4096
const root = resolve(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'kintsugi-delta-bench-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

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

interface Made extends MakeRun {
  readonly file: Uint8Array
}

/** The median of some runs by CPU, each in a process of its own. */
function make(pair: Pair, sort: 'plain' | 'in-place'): Made {
  const [old, fresh, output] = ['old', 'new', 'out'].map(name => join(scratch, name))
  writeFileSync(old!, pair.old)
  writeFileSync(fresh!, pair.fresh)
  const hooks = join(root, 'scripts/typescript-hooks.mjs')
  const script = join(root, 'test/bench/make-delta-once.ts')
  const words = ['--import', hooks, script, old!, fresh!, output!, sort]
  const runs = Array.from({ length: RUNS }, (): MakeRun => {
    return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))
  })
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds)
  return { ...sorted[Math.floor(RUNS / 2)]!, file: new Uint8Array(readFileSync(output!)) }
}

interface Row {
  readonly name: string
  readonly cells: readonly string[]
  readonly twoSlot: number | undefined
  readonly inPlace: number | undefined
  readonly erases: number
  readonly cpu: number | undefined
}

const rows: Row[] = []
const ratioText = (ratio: number | undefined) => ratio?.toFixed(2) ?? '–'

function bestInPlace({ detoolsInPlace, hpatchliteInPlace }: RecordedPeers): number {
  return Math.min(detoolsInPlace ?? Infinity, hpatchliteInPlace)
}

function rowOf(pair: Pair, plain: Made, inPlace: Made): Row {
  const peers = DELTA_TOOLS.map(tool => askTool(tool, pair))
  const recorded = RECORDED_PEERS[pair.name]
  const sizes = [...peers.map(peer => peer?.bytes), recorded?.bestTwoSlot]
  const best = Math.min(...sizes.filter(bytes => bytes !== undefined))
  const bsdiff = peers[0]?.seconds
  const detoolsErases = Math.ceil(pair.old.length / SECTOR) + Math.ceil(pair.fresh.length / SECTOR)
  const peerInPlace = recorded && bestInPlace(recorded)
  const ratios = {
    twoSlot: Number.isFinite(best) ? plain.file.length / best : undefined,
    inPlace: peerInPlace && inPlace.file.length / peerInPlace,
    erases: inPlace.sectorErases / detoolsErases,
    cpu: bsdiff && plain.seconds / bsdiff,
  }
  const { steps } = openRewriteSource(inPlace.file, nodeSha256).plan
  const cells = [
    [pair.fresh.length, plain.fullBytes, ...peers.map(peer => peer?.bytes ?? '–')],
    [recorded?.hdiffpatch ?? '–', recorded?.detools ?? '–', plain.file.length],
    [ratioText(ratios.twoSlot), peerInPlace ?? '–', inPlace.file.length],
    [ratioText(ratios.inPlace), steps.length, inPlace.sectorErases, detoolsErases],
    [ratioText(ratios.erases), readHeader(inPlace.file).header.ramBytes],
    [plain.seconds.toFixed(2), inPlace.seconds.toFixed(2), bsdiff?.toFixed(2) ?? '–'],
    [ratioText(ratios.cpu), Math.round(inPlace.peakBytes / 2 ** 20)],
  ]
    .flat()
    .map(String)
  return { name: pair.name, cells, ...ratios }
}

const HEADINGS = [
  ['pair', 'new image', 'packed whole', 'bsdiff', 'xdelta3 -9', 'zstd -19', 'HDiffPatch ¹'],
  ['detools ¹', 'plain', '/ best', 'best in place ¹', 'in place', '/ best', 'sectors changed'],
  ['erases', 'detools', '/ detools', 'RAM', 'CPU s, plain', 'CPU s, in place', 'bsdiff s'],
  ['/ bsdiff', 'peak MiB'],
].flat()

for (const pair of [...FIRMWARE_PAIRS, ...givenPairs()]) {
  test(`differential files of ${pair.name}`, { timeout: 600_000 }, () => {
    const plain = make(pair, 'plain')
    const inPlace = make(pair, 'in-place')
    expect(applied(pair.old, plain.file)).toEqual(pair.fresh)
    expect(applied(pair.old, inPlace.file)).toEqual(pair.fresh)
    const source = openRewriteSource(inPlace.file, nodeSha256)
    expect(rewritten(pair.old, source)).toEqual(pair.fresh)
    expect(readHeader(inPlace.file).header.ramBytes).toBeLessThanOrEqual(65_536)
    expect(inPlace.file.length).toBeLessThanOrEqual(1.01 * inPlace.fullBytes)
    rows.push(rowOf(pair, plain, inPlace))
  })
}

function geometricMean(ratios: readonly (number | undefined)[]): number | undefined {
  const known = ratios.filter(ratio => ratio !== undefined)
  if (known.length === 0) return undefined
  return Math.exp(known.reduce((sum, ratio) => sum + Math.log(ratio), 0) / known.length)
}

test('all differential files together', () => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const recorded = rows.filter(({ name }) => name in RECORDED_PEERS)
  const summary = [
    ['plain against the best two-slot tool', recorded.map(row => row.twoSlot)],
    ['in place against the best in-place tool', recorded.map(row => row.inPlace)],
    ['erases against detools', recorded.map(row => row.erases)],
    ['CPU against bsdiff', recorded.map(row => row.cpu)],
  ] as const
  const table = [
    line(HEADINGS),
    line(HEADINGS.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rows.map(({ name, cells }) => line([name, ...cells])),
    '',
    ...summary.map(([what, ratios]) => `${what}: ${ratioText(geometricMean(ratios))}`),
  ]
  console.log(table.join('\n'))
  expect(rows.length).toBeGreaterThan(0)
})
