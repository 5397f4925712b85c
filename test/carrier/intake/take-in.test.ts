import { expect, test } from 'vitest'
import { BlobSoftwareStorage } from '../../../src-main/carrier/intake/software-storage'
import { takeIn } from '../../../src-main/carrier/intake/take-in'
import { firmwareTarget, repositories } from '../../metadata/repository'
import { partsBench } from '../parts-bench'
import { recordOf, SOFTWARE } from './vendor-stand-in'

async function* software() {
  yield new Uint8Array(SOFTWARE)
}

test('a release is taken whose vendor brought newer metadata while its bytes came', async () => {
  const { blobs } = await partsBench()
  const { create, add, vendors, carrier, given } = await repositories()
  await create()
  const parts = { storage: new BlobSoftwareStorage(blobs), metadata: carrier }
  const record = recordOf({ metadata: await vendors.documents('Vendor A') })
  await add(firmwareTarget('1.2.0'))
  const newest = await given('timestamp.json')
  expect(await takeIn(parts, record, software())).toMatchObject({ digest: record.digest })
  expect(await given('timestamp.json')).toBe(newest)
  const edited = { ...record.metadata, targets: record.metadata.targets.replace('"version":', '') }
  await expect(takeIn(parts, { ...record, metadata: edited }, software())).rejects.toMatchObject({
    code: 'METADATA_WRONG',
  })
})
