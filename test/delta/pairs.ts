import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { RAM_BYTES_DEFAULT } from '../../src-main/delta/decoder-budget'
import { makeDelta, type MakeOrder } from '../../src-main/delta/make-delta'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { applyDelta, oldImageOf } from '../../src-main/wire/delta/apply'

const root = resolve(import.meta.dirname, '../..')

export interface Pair {
  readonly name: string
  readonly old: Uint8Array
  readonly fresh: Uint8Array
}

/** Firmware that comes with the project, as an old and a new image. */
export const FIRMWARE_PAIRS: readonly Pair[] = [
  pairOf('MicroPython', 'test/fixtures/firmware/micropython', '.bin', '-next.bin'),
  pairOf('k1 1.0.0 to 1.1.0', 'resources/firmware/k1-', '1.0.0.bin', '1.1.0.bin'),
  pairOf('k1 1.1.0 to 2.0.0', 'resources/firmware/k1-', '1.1.0.bin', '2.0.0.bin'),
]

function pairOf(name: string, start: string, old: string, fresh: string): Pair {
  const read = (end: string) => new Uint8Array(readFileSync(resolve(root, start + end)))
  return { name, old: read(old), fresh: read(fresh) }
}

export const PLAIN = { ramBytes: RAM_BYTES_DEFAULT, sectorBytes: 4096, inPlace: false }
export const IN_PLACE = { ...PLAIN, inPlace: true }

export async function made(
  old: Uint8Array,
  fresh: Uint8Array,
  order: Omit<MakeOrder, 'old' | 'fresh'> = PLAIN,
): Promise<Uint8Array> {
  return (await makeDelta({ ...order, old, fresh }, () => undefined)).file
}

export function applied(old: Uint8Array, file: Uint8Array): Uint8Array {
  return applyDelta(oldImageOf(old), file, nodeSha256)
}
