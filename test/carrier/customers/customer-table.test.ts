import { describe, expect, test } from 'vitest'
import type { NewCustomer } from '../../../src-main/contract/rollouts'
import { tokenDigestOf } from '../../../src-main/site/tokens'
import { partsBench, sampleRollout, writeDown } from '../parts-bench'
import { MINATO, SHINJUKU, SPECIFIED_ROWS } from './fixture'

const all = { offset: 0, limit: 100, filter: '', sort: 'deviceId' } as const

describe('the customer table', () => {
  test('holds the rows of the specification column by column [S1-02]', async () => {
    const { customers, enter } = await partsBench()
    expect(await enter(...SPECIFIED_ROWS)).toEqual({ entered: 2, replaced: 0 })
    expect(await customers.customers(all)).toEqual({ total: 2, rows: SPECIFIED_ROWS })
    expect(await customers.customer({ deviceId: 'ABC-123' })).toEqual(MINATO)
    expect(await customers.byDevice('XYZ-987')).toEqual(SHINJUKU)
  })

  test('takes further columns [S1-02]', async () => {
    const { customers, enter } = await partsBench()
    await enter({ ...MINATO, extra: { floor: '3', 契約: '法人' } })
    const { extra } = await customers.customer({ deviceId: 'ABC-123' })
    expect(extra).toEqual({ floor: '3', 契約: '法人' })
  })

  test('says of each device whether it is updated [S1-52]', async () => {
    const { customers, enter } = await partsBench()
    await enter(...SPECIFIED_ROWS, { ...MINATO, deviceId: 'NEW-1', ipAddress: '10.0.0.1' })
    const { rows } = await customers.customers(all)
    expect(rows.map(({ deviceId, updateManagement }) => [deviceId, updateManagement])).toEqual([
      ['ABC-123', 'update'],
      ['NEW-1', 'update'],
      ['XYZ-987', 'do-not-update'],
    ])
  })

  test('a row that leaves columns out takes defaults, and later what it had', async () => {
    const { customers } = await partsBench()
    const { deviceId, ipAddress, password, vendorName, managerName, managerEmail } = MINATO
    const few: NewCustomer = {
      deviceId,
      ipAddress,
      password,
      vendorName,
      managerName,
      managerEmail,
    }
    await customers.putCustomers({ rows: [few] })
    expect(await customers.customer({ deviceId })).toMatchObject({
      updateManagement: 'unanswered',
      deviceClass: 'handset',
      isTestDevice: false,
      timeZone: 'UTC',
      reach: 'access',
    })
    await customers.putCustomers({ rows: [{ ...few, timeZone: 'Asia/Tokyo', terminalId: 'T-1' }] })
    expect(await customers.putCustomers({ rows: [{ ...few, password: 'new' }] })).toEqual({
      entered: 0,
      replaced: 1,
    })
    const row = await customers.byTerminal('T-1')
    expect(row).toMatchObject({ deviceId, password: 'new', timeZone: 'Asia/Tokyo' })
  })

  test.each<[string, NewCustomer[], string]>([
    ['a time zone of nobody', [{ ...MINATO, timeZone: 'Mars/Base' }], 'Mars/Base'],
    ['an offset for a time zone', [{ ...MINATO, timeZone: '+0900' }], '+0900'],
    ['a device twice', [MINATO, { ...MINATO, ipAddress: '10.0.0.9' }], 'row 1'],
    ['an address twice', [MINATO, { ...MINATO, deviceId: 'D-2' }], 'row 1'],
    [
      'a terminal twice',
      [
        { ...MINATO, terminalId: 'T-1' },
        { ...SHINJUKU, terminalId: 'T-1' },
      ],
      'T-1',
    ],
    ['the address of another row', [{ ...MINATO, deviceId: 'D-2', ipAddress: '20.3.98.6' }], 'XYZ'],
    ['the terminal of another row', [{ ...MINATO, terminalId: 'T-OLD' }], 'XYZ-987'],
  ])('refuses %s, and nothing of the batch is kept', async (_what, rows, named) => {
    const { customers, enter, refusals } = await partsBench()
    await enter({ ...SHINJUKU, terminalId: 'T-OLD' })
    const batch = [{ ...MINATO, deviceId: 'GOOD', ipAddress: '10.9.9.9' }, ...rows]
    // Rows are counted from 1, and this one came first.
    const shifted = named === 'row 1' ? 'row 2' : named
    await expect(customers.putCustomers({ rows: batch })).rejects.toMatchObject({
      code: 'CUSTOMER_UNFIT',
      message: expect.stringContaining(shifted) as string,
    })
    expect((await customers.customers(all)).total).toBe(1)
    expect(await refusals()).toEqual(['CUSTOMER_UNFIT'])
  })

  test('two devices exchange terminals and addresses in one go', async () => {
    const { customers, enter } = await partsBench()
    const [one, two] = [
      { ...MINATO, terminalId: 'T-1' },
      { ...SHINJUKU, terminalId: 'T-2' },
    ] as const
    await enter(one, two)
    await enter(
      { ...one, terminalId: 'T-2', ipAddress: two.ipAddress },
      { ...two, terminalId: 'T-1', ipAddress: one.ipAddress },
    )
    expect(await customers.byTerminal('T-1')).toMatchObject({ deviceId: 'XYZ-987' })
    expect(await customers.byTerminal('T-2')).toMatchObject({ deviceId: 'ABC-123' })
  })

  test('polling devices may be behind one address', async () => {
    const { enter } = await partsBench()
    const polling = { ...MINATO, reach: 'poll' } as const
    const entering = enter(polling, { ...polling, deviceId: 'D-2' }, { ...MINATO, deviceId: 'D-3' })
    await expect(entering).resolves.toEqual({ entered: 3, replaced: 0 })
  })

  test('a device that is being updated is not taken out', async () => {
    const bench = await partsBench()
    const { customers, enter, refusals, seen } = bench
    await enter(MINATO, SHINJUKU)
    await writeDown(bench, sampleRollout(), [
      { customer: MINATO, state: 'waiting-window' },
      { customer: SHINJUKU, state: 'paid' },
    ])
    const both = { deviceIds: ['XYZ-987', 'ABC-123'] }
    await expect(customers.removeCustomers(both)).rejects.toMatchObject({ code: 'CUSTOMER_BUSY' })
    expect((await customers.customers(all)).total).toBe(2)
    expect(await refusals()).toEqual(['CUSTOMER_BUSY'])
    expect(await customers.removeCustomers({ deviceIds: ['XYZ-987', 'NONE'] })).toEqual({
      removed: 1,
    })
    await expect(customers.customer({ deviceId: 'XYZ-987' })).rejects.toMatchObject({
      code: 'CUSTOMER_UNKNOWN',
    })
    expect(seen.filter(({ kind }) => kind === 'customers-changed')).toHaveLength(2)
  })

  test('keeps a digest of a token, which outlives a replacing of its row', async () => {
    const { customers, db, enter } = await partsBench()
    const kept = () => db.selectFrom('carrier_customers').select('token_digest').executeTakeFirst()
    await enter(MINATO)
    await customers.setDeviceToken({ deviceId: 'ABC-123', token: 'secret-token' })
    await enter({ ...MINATO, password: 'other' })
    expect(await kept()).toEqual({ token_digest: tokenDigestOf('secret-token') })
    await customers.setDeviceToken({ deviceId: 'ABC-123', token: null })
    expect(await kept()).toEqual({ token_digest: null })
    const unknown = customers.setDeviceToken({ deviceId: 'NONE', token: 'secret-token' })
    await expect(unknown).rejects.toMatchObject({ code: 'CUSTOMER_UNKNOWN' })
  })
})
