import * as fc from 'fast-check'
import type { Kysely } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import type { Customer } from '../../../src-main/contract/rollouts'
import { columnsOf } from '../../../src-main/carrier/customers/customer-row'
import { type SelectedBy, whereUsable } from '../../../src-main/carrier/rollout/selection'
import { realClock } from '../../../src-main/observe/real-clock'
import { openStorage } from '../../../src-main/storage/open-storage'
import type { Schema } from '../../../src-main/storage/schema'

const row: Customer = {
  deviceId: 'ABC-123',
  ipAddress: '10.1.23.4',
  password: '98-76-54',
  vendorName: 'Vendor A',
  managerName: 'Minato-ku K.K.',
  managerEmail: 'minato@shiba.co.jp',
  updateManagement: 'unanswered',
  deviceType: null,
  deviceClass: 'information-terminal',
  isTestDevice: false,
  wantedSoftware: [],
  terminalId: null,
  softwareName: null,
  softwareVersion: null,
  timeZone: 'Asia/Tokyo',
  reach: 'access',
  extra: {},
}

function release(
  given: Partial<SelectedBy> & { types?: string[]; from?: string[] } = {},
): SelectedBy {
  const { types = [], from = [], ...rest } = given
  const additional = {
    deviceTypes: types,
    fromVersions: from,
    price: 0,
    currency: 'JPY',
    trial: null,
  }
  return { vendorName: 'Vendor A', softwareName: 'X', version: '2.0.0', additional, ...rest }
}

test.each([
  ['of the same vendor [S1-07]', {}, release(), true],
  ['of another vendor [S1-07]', { vendorName: 'Vendor B' }, release(), false],
  [
    'of another vendor with the type [S1-08]',
    { vendorName: 'Vendor B', deviceType: 'T' },
    release({ types: ['T'] }),
    true,
  ],
  [
    'of the same vendor without the type [S1-05]',
    { deviceType: 'U' },
    release({ types: ['T'] }),
    false,
  ],
  ['a test device [S1-50]', { isTestDevice: true }, release(), false],
  [
    'a PC that wants it [S1-25]',
    { deviceClass: 'pc', vendorName: 'Maker', wantedSoftware: ['X'] },
    release(),
    true,
  ],
  [
    'a PC that wants something else [S1-25]',
    { deviceClass: 'pc', wantedSoftware: ['Y'] },
    release(),
    false,
  ],
  ['a PC without a list [S1-24]', { deviceClass: 'pc' }, release(), true],
  [
    'of a version that it follows',
    { softwareVersion: '1.0.0' },
    release({ from: ['1.0.0'] }),
    true,
  ],
  [
    'of a version that it does not follow',
    { softwareVersion: '0.9.0' },
    release({ from: ['1.0.0'] }),
    false,
  ],
  ['of an unknown version', {}, release({ from: ['1.0.0'] }), false],
  ['with the release already', { softwareName: 'X', softwareVersion: '2.0.0' }, release(), false],
] satisfies [string, Partial<Customer>, SelectedBy, boolean][])(
  'a device %s',
  async (_, device, given, usable) => {
    const found = await chosen(await database(), [{ ...row, ...device }], given)
    expect(found).toEqual(usable ? ['ABC-123'] : [])
  },
)

async function database(): Promise<Kysely<Schema>> {
  const storage = await openStorage({ clock: realClock })
  onTestFinished(() => storage.close())
  return storage.db
}

/** Puts the rows in place of all others. */
async function chosen(
  db: Kysely<Schema>,
  rows: readonly Customer[],
  given: SelectedBy,
): Promise<string[]> {
  await db.deleteFrom('carrier_customers').execute()
  await db
    .insertInto('carrier_customers')
    .values(rows.map(one => ({ ...columnsOf(one, 0), token_digest: null })))
    .execute()
  const found = await db
    .selectFrom('carrier_customers')
    .select('device_id')
    .where(whereUsable(given))
    .orderBy('device_id')
    .execute()
  return found.map(({ device_id }) => device_id)
}

test('the rule and its SQL choose the same devices', async () => {
  const db = await database()
  const word = fc.constantFrom('X', 'Y')
  const version = fc.constantFrom('1.0.0', '2.0.0')
  const device = fc.record({
    vendorName: fc.constantFrom('Vendor A', 'Vendor B'),
    deviceType: fc.constantFrom(null, 'T', 'U'),
    deviceClass: fc.constantFrom('pc' as const, 'handset' as const),
    isTestDevice: fc.boolean(),
    wantedSoftware: fc.uniqueArray(word, { maxLength: 2 }),
    softwareName: fc.option(word),
    softwareVersion: fc.option(version),
  })
  const given = fc
    .record({
      vendorName: fc.constantFrom('Vendor A', 'Vendor B'),
      softwareName: word,
      version,
      types: fc.uniqueArray(fc.constantFrom('T', 'U'), { maxLength: 2 }),
      from: fc.uniqueArray(version, { maxLength: 2 }),
    })
    .map(release)
  const property = fc.asyncProperty(
    fc.array(device, { minLength: 1, maxLength: 12 }),
    given,
    async (devices, picked) => {
      const rows = devices.map((one, index) => ({ ...row, ...one, deviceId: `D-${index}` }))
      const found = await chosen(db, rows, picked)
      const expected = rows.filter(one => isUsable(one, picked)).map(({ deviceId }) => deviceId)
      expect(found).toEqual(expected.toSorted())
    },
  )
  await fc.assert(property, { numRuns: 300 })
})

/** The rule as it is written in the docs of `whereUsable`, for one row. */
function isUsable(device: Customer, given: SelectedBy): boolean {
  const { deviceTypes = [], fromVersions = [] } = given.additional ?? {}
  if (device.isTestDevice) return false
  if (device.softwareName === given.softwareName && device.softwareVersion === given.version) {
    return false
  }
  const version = device.softwareVersion
  if (fromVersions.length > 0 && (version === null || !fromVersions.includes(version))) return false
  const wishes = device.deviceClass === 'pc' ? device.wantedSoftware : []
  if (wishes.length > 0 && !wishes.includes(given.softwareName)) return false
  if (deviceTypes.length > 0) {
    return device.deviceType !== null && deviceTypes.includes(device.deviceType)
  }
  return wishes.length > 0 || device.vendorName === given.vendorName
}
