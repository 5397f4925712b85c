import { describe, expect, test } from 'vitest'
import type { TraceEntry } from '../../src-main/contract/observe'
import type { Rollout, RolloutState } from '../../src-main/contract/rollouts'
import { formatsOf } from '../../src-renderer/text/format'
import { customersFromCsv } from '../../src-renderer/views/carrier/customers/customer-csv'
import { customerOf, formOf } from '../../src-renderer/views/carrier/customers/customer-form'
import { sharesOf } from '../../src-renderer/views/carrier/rollouts/looks'
import { stepsOf } from '../../src-renderer/views/carrier/rollouts/rollout-steps'
import * as settingsForm from '../../src-renderer/views/carrier/rollouts/settings-form'
import { actorsOf } from '../../src-renderer/views/trace/filter'
import { BLANK_REGISTRATION, registerInput } from '../../src-renderer/views/vendor/registration'
import { customerAt, distributing, settings } from './desk-samples'

const HEAD = 'deviceId,ipAddress,password,vendorName,managerName,managerEmail'

describe('Customers from CSV', () => {
  test('are read with quotation marks, line ends of any kind and further columns', () => {
    const text =
      `\uFEFF${HEAD},isTestDevice,wantedSoftware,shelf\r\n` +
      'ABC-123,10.1.23.4,98-76-54,Vendor A,"Minato-ku, ""K.K.""",minato@shiba.co.jp,yes,X; Y,7\n' +
      '\n' +
      'XYZ-987,20.3.98.6,10-20-30,Vendor B,"新宿\n株式会社",shinjuku@kabuki.co.jp,,,'
    expect(customersFromCsv(text)).toEqual({
      kind: 'rows',
      rows: [
        {
          deviceId: 'ABC-123',
          ipAddress: '10.1.23.4',
          password: '98-76-54',
          vendorName: 'Vendor A',
          managerName: 'Minato-ku, "K.K."',
          managerEmail: 'minato@shiba.co.jp',
          isTestDevice: true,
          wantedSoftware: ['X', 'Y'],
          extra: { shelf: '7' },
        },
        {
          deviceId: 'XYZ-987',
          ipAddress: '20.3.98.6',
          password: '10-20-30',
          vendorName: 'Vendor B',
          managerName: '新宿\n株式会社',
          managerEmail: 'shinjuku@kabuki.co.jp',
          isTestDevice: false,
          wantedSoftware: [],
          extra: {},
        },
      ],
    })
  })

  test('are refused as a whole with the place that is wrong', () => {
    expect(customersFromCsv('deviceId,ipAddress\nA,1.2.3.4\n')).toEqual({
      kind: 'missing-column',
      column: 'password',
    })
    expect(customersFromCsv(`${HEAD}\nA,1.2.3.4,p,V,M,m@x.jp\nB,1.2.3.5\n`)).toEqual({
      kind: 'bad-line',
      line: 3,
    })
    expect(customersFromCsv(`${HEAD}\n"A,1.2.3.4`)).toEqual({ kind: 'open-quote' })
    expect(customersFromCsv('')).toEqual({ kind: 'missing-column', column: 'deviceId' })
  })

  test('are many', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => {
      const { deviceId, ipAddress, password, vendorName, managerName, managerEmail } =
        customerAt(index)
      return [deviceId, ipAddress, password, vendorName, managerName, managerEmail].join(',')
    })
    const read = customersFromCsv([HEAD, ...lines].join('\n'))
    expect(read.kind === 'rows' && read.rows.length).toBe(100_000)
  })
})

describe('A row of the customer table', () => {
  test('comes out of the form as it went in, with what the form does not show', () => {
    const before = { ...customerAt(7), softwareVersion: '9', extra: { shelf: '7' } }
    expect(customerOf(formOf(before), before)).toEqual(before)
  })

  test('leaves out nothing that is needed, and makes empty texts nothing', () => {
    const form = { ...formOf(null), deviceId: ' ABC-123 ', wantedSoftware: 'X, Y、Z' }
    expect(customerOf(form, null)).toMatchObject({
      deviceId: 'ABC-123',
      deviceType: null,
      terminalId: null,
      wantedSoftware: ['X', 'Y', 'Z'],
      updateManagement: 'unanswered',
    })
  })
})

describe('The ladder of a rollout', () => {
  const marksOf = (rollout: Partial<Rollout>, visited: readonly RolloutState[]) =>
    stepsOf(
      { ...distributing, ...rollout },
      visited.map((state, at) => ({ at, state })),
    ).map(({ state, mark }) => `${state} ${mark}`)

  test('leads through the states that its settings make', () => {
    expect(marksOf({}, ['notified', 'fetching', 'stored', 'testing', 'trial-passed'])).toEqual([
      'notified done',
      'fetching done',
      'stored done',
      'testing done',
      'trial-passed done',
      'distributing current',
      'closed ahead',
    ])
    const uploaded = { ...settings, acquisition: 'upload', trial: false, consent: true } as const
    expect(
      marksOf({ state: 'collecting-consent', settings: uploaded }, ['notified', 'stored']),
    ).toEqual([
      'notified done',
      'stored done',
      'collecting-consent current',
      'distributing ahead',
      'closed ahead',
    ])
  })

  test('ends where the software was returned, with nothing to come', () => {
    const visited = ['notified', 'fetching', 'stored', 'testing', 'returned'] as const
    expect(marksOf({ state: 'returned' }, visited)).toEqual([
      'notified done',
      'fetching done',
      'stored done',
      'testing done',
      'returned stopped',
    ])
  })

  test('stands where the vendor refused, and shows what would follow', () => {
    const visited = ['notified', 'fetching', 'auth-refused'] as const
    expect(marksOf({ state: 'auth-refused' }, visited).slice(0, 4)).toEqual([
      'notified done',
      'fetching done',
      'auth-refused stopped',
      'stored ahead',
    ])
  })

  test('is done when everything is closed', () => {
    expect(marksOf({ state: 'closed' }, []).every(step => step.endsWith(' done'))).toBe(true)
  })
})

test('Devices by state are shares of the whole, in the order of their way', () => {
  const shares = sharesOf({ paid: 25, 'waiting-window': 70, abandoned: 5 })
  expect(shares.map(({ state, share, tone }) => [state, share, tone])).toEqual([
    ['waiting-window', 0.7, 'muted'],
    ['paid', 0.25, 'good'],
    ['abandoned', 0.05, 'bad'],
  ])
  expect(sharesOf({})).toEqual([])
})

test('Settings of a rollout come out of the form as they went in', () => {
  expect(settingsForm.settingsOf(settingsForm.formOf(settings))).toEqual(settings)
  const always = { ...settings, window: null }
  expect(settingsForm.settingsOf(settingsForm.formOf(always))).toEqual(always)
})

test('A registration sends what the file does not say itself', () => {
  const entered = {
    ...BLANK_REGISTRATION,
    digest: 'ab',
    softwareName: ' Office ',
    version: '3.0',
    deviceTypes: 'k1, k2',
    currency: 'jpy',
    isTried: false,
  }
  const additional = {
    deviceTypes: ['k1', 'k2'],
    fromVersions: [],
    price: 500,
    currency: 'JPY',
    trial: null,
  }
  expect(registerInput('Vendor A', entered, true)).toEqual({
    vendorName: 'Vendor A',
    digest: 'ab',
    additional,
  })
  expect(registerInput('Vendor A', entered, false)).toEqual({
    vendorName: 'Vendor A',
    digest: 'ab',
    softwareName: 'Office',
    version: '3.0',
    additional,
  })
})

test('Amounts are written in the units of their currency', () => {
  expect(formatsOf('en').money(500, 'JPY')).toBe('¥500')
  expect(formatsOf('en').money(12_345, 'USD')).toBe('$123.45')
})

test('Actors around a rollout stand in the order of its messages', () => {
  const message = (from: string, to: string): TraceEntry => ({
    sequence: 1,
    at: 0,
    from,
    to,
    label: '',
    type: '',
    fields: {},
    bytes: 0,
    digest: null,
    outcome: 'sent',
  })
  const entries = [
    message('carrier', 'mail'),
    message('carrier', 'device'),
    message('carrier', 'vendor-database'),
    message('handset', 'carrier'),
    message('vendor', 'vendor-database'),
  ]
  expect(actorsOf(entries)).toEqual([
    'vendor',
    'vendor-database',
    'carrier',
    'device',
    'handset',
    'mail',
  ])
})
