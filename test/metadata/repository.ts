import { onTestFinished } from 'vitest'
import { toHex } from '../../src-main/base/bytes'
import { CarrierMetadata } from '../../src-main/carrier/metadata/carrier-metadata'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import {
  type FirmwareTarget,
  type NewRepository,
  VendorMetadata,
} from '../../src-main/metadata/vendor-metadata'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { openStorage } from '../../src-main/storage/open-storage'
import type { MetadataRole } from '../../src-main/wire/metadata/messages'

export const DAY_MS = 86_400_000

/** A firmware release of a vendor; the bytes are made up unless given. */
export function firmwareTarget(
  version: string,
  changes: Partial<FirmwareTarget> & { readonly image?: Uint8Array } = {},
): FirmwareTarget {
  const { image = new TextEncoder().encode(`image ${version}`), ...rest } = changes
  const additional = { deviceTypes: [], fromVersions: [], price: 500, currency: 'JPY', trial: null }
  return {
    sha256: toHex(nodeSha256([image])),
    bytes: image.length,
    model: 'k1',
    softwareName: 'kintsugi-k1',
    version,
    additional,
    ...rest,
  }
}

/** A vendor's and the carrier's halves of repositories, each in a database of its own. */
export async function repositories(clock = new VirtualClock()) {
  const [ofVendors, ofCarrier] = [await openStorage({ clock }), await openStorage({ clock })]
  onTestFinished(async () => {
    await ofVendors.close()
    await ofCarrier.close()
  })
  const vendors = new VendorMetadata({ db: ofVendors.db, clock })
  const carrier = new CarrierMetadata({ db: ofCarrier.db, clock })
  /** A change of a vendor's, and the carrier takes what came of it. */
  const taken = async (vendorName: string) =>
    carrier.take(vendorName, await vendors.documents(vendorName))
  return {
    clock,
    vendors,
    carrier,
    vendorDb: ofVendors.db,
    carrierDb: ofCarrier.db,
    taken,
    create: async (vendorName = 'Vendor A', root?: NewRepository['root']) => {
      const onlineKeys = await carrier.onlineKeys(vendorName)
      const order = { vendorName, onlineKeys, ...(root ? { root } : {}) }
      await vendors.create(ofVendors.db, order)
      return (await vendors.state(vendorName)).root
    },
    add: async (target: FirmwareTarget, vendorName = 'Vendor A') => {
      await vendors.addTarget(ofVendors.db, vendorName, target)
      await taken(vendorName)
    },
    rotate: async (role: 'root' | 'targets', vendorName = 'Vendor A') => {
      const onlineKeys = await carrier.onlineKeys(vendorName)
      await vendors.rotate(ofVendors.db, vendorName, { role, onlineKeys })
    },
    /** What the carrier gives out under a name such as `2.root.json`. */
    given: async (file: string, vendorName = 'Vendor A'): Promise<string | undefined> => {
      const [, version, role] = /^(?:(\d+)\.)?(\w+)\.json$/.exec(file) ?? []
      const wanted = { role: role as MetadataRole, version: version ? Number(version) : undefined }
      return carrier.document(vendorName, wanted)
    },
  }
}

export type Repositories = Awaited<ReturnType<typeof repositories>>

/** The part of a document that is signed, without looking at signatures. */
export function signedPart(document: string | undefined) {
  const { signed } = JSON.parse(document ?? '{"signed":{}}') as { signed: Record<string, unknown> }
  return signed
}
