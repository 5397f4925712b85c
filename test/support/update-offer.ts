import { toHex } from '../../src-main/base/bytes'
import { makeDelta } from '../../src-main/delta/make-delta'
import { builtInSoftware } from '../../src-main/handset/service/built-in-software'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { describedSoftware } from '../../src-main/wire/image/descriptor'
import { readHeader } from '../../src-main/wire/delta/header'
import type { UpdateInformation } from '../../src-main/wire/update/messages'
import type { Offer } from './update-server'

/** A built-in image of the k1. */
export function k1Image(version: string): Uint8Array {
  return builtInSoftware.image('k1', version)
}

/** An update as the carrier makes it: `old` is empty for a full one. The sectors are the k1's. */
export async function offerOf(
  old: Uint8Array,
  fresh: Uint8Array,
  changes: Partial<UpdateInformation> = {},
  sectorBytes = 4096,
): Promise<Offer> {
  const order = { old, fresh, ramBytes: 65_536, sectorBytes, inPlace: true }
  const { file } = await makeDelta(order, () => undefined)
  const read = (at: number, length: number) => fresh.slice(at, at + length)
  const described = describedSoftware({ length: fresh.length, read })
  const id = { name: described?.name ?? 'software', version: described?.version ?? '0.0.0' }
  return {
    file,
    update: {
      id: `${id.version.replaceAll('.', '-')}-${old.length === 0 ? 'full' : 'differential'}`,
      kind: old.length === 0 ? 'full' : 'differential',
      target: { id, bytes: fresh.length, sha256: toHex(nodeSha256([fresh])) },
      file: { bytes: file.length, sha256: toHex(nodeSha256([file])) },
      workBytes: readHeader(file).header.ramBytes,
      ...changes,
    },
  }
}
