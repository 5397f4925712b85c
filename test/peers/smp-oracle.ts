import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { toHex } from '../../src-main/base/bytes'
import { seededRandom } from '../../src-main/base/random'
import {
  answerTo,
  echo,
  readImageState,
  readInfo,
  readParameters,
  requestOf,
  reset,
  uploadImage,
} from '../../src-main/wire/smp/messages'
import type { SmpPacket } from '../../src-main/wire/smp/packet'
import { peer } from '../support/peers'

const python = peer('python3') ?? ''
const ORACLE = join(import.meta.dirname, 'smp_oracle.py')

export const hasOracle = python !== ''

/** One line in, one line out. */
export function askOracle(
  mode: 'encode' | 'decode',
  encoding: 'console' | 'raw',
  requests: readonly string[],
): string[] {
  const input = requests.map(request => `${request}\n`).join('')
  const output = execFileSync(python, [ORACLE, mode, encoding], { input, encoding: 'utf8' })
  return output.trimEnd().split('\n')
}

/** A packet as the oracle names it. */
export function named(packet: SmpPacket): object {
  return { ...packet, payload: namedValue(packet.payload) }
}

function namedValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  if (Array.isArray(value)) return value.map(namedValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, namedValue(each)]))
}

const random = seededRandom(40)
const sha256 = random.bytes(32)
const listed = { image: 0, slot: 0, version: '1.1.0', hash: sha256, bootable: true, active: false }
const stateRequest = requestOf(readImageState, 255)
/** Lengths around the ends of lines, up to many lines; offsets around the sizes of numbers. */
const LENGTHS = [1, 60, 61, 62, 63, 64, 200, 256, 960, 4096, 65_000]
const OFFSETS = [0, 23, 24, 255, 256, 65_535, 65_536, 0x7fff_ffff, 0xffff_ffff, 2 ** 32, 2 ** 50]
const uploads = LENGTHS.map((length, index) => {
  const first = index % 2 === 0 ? { totalBytes: 320_016, sha256 } : undefined
  const offset = first ? 0 : index * 1000
  const piece = { offset, data: random.bytes(length), ...(first && { first }) }
  return requestOf(uploadImage(piece), index)
})

/** Every request that we send, and answers as our devices give them. */
export const PACKETS: readonly SmpPacket[] = [
  requestOf(echo('kintsugi'), 0),
  requestOf(readParameters, 1),
  requestOf(readInfo(), 2),
  requestOf(reset(), 3),
  requestOf(reset(1), 4),
  stateRequest,
  answerTo(stateRequest, { images: [] }),
  answerTo(stateRequest, { images: [listed, { ...listed, slot: 1 }] }),
  answerTo(requestOf(readParameters, 1), { buf_size: 65_535, buf_count: 4 }),
  answerTo(stateRequest, { err: { group: 1, rc: 300 } }),
  ...uploads,
  ...uploads.map((upload, index) => answerTo(upload, { rc: 0, off: OFFSETS[index] })),
]
