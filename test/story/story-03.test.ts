import { expect, test } from 'vitest'
import type { TaskState } from '../../src-main/contract/rollouts'
import { announce, answer, bringTerminal, firmware, stageWithVendor } from './carrier-cast'

const DAY_MS = 86_400_000
const MANAGERS = {
  yes: { deviceId: 'IT-YES', ipAddress: '10.2.0.1', mail: 'yes@example.com' },
  no: { deviceId: 'IT-NO', ipAddress: '10.2.0.2', mail: 'no@example.com' },
  silent: { deviceId: 'IT-SILENT', ipAddress: '10.2.0.3', mail: 'silent@example.com' },
  late: { deviceId: 'IT-LATE', ipAddress: '10.2.0.4', mail: 'late@example.com' },
} as const

test('story 3: consent mix and an unpaid bill [S1-54] [S1-55] [S1-56] [S1-57] [S1-59] [S1-60] [S1-61] [S1-62] [S1-63] [S1-64]', async () => {
  const { stage } = await stageWithVendor()
  const { workbench } = stage
  for (const terminal of Object.values(MANAGERS)) await bringTerminal(workbench, terminal)
  const settings = { trial: false, consent: true, window: null, consentHours: 72, paymentDays: 30 }
  const { id } = await announce(workbench, { image: firmware('1.1.0'), settings })
  const states = async () => {
    const { rows } = await workbench.carrier.tasks({ id })
    return Object.fromEntries(rows.map(({ deviceId, state }) => [deviceId, state]))
  }
  const link = (address: string) =>
    stage.until(`a question to ${address}`, async () => {
      const [mail] = await workbench.mail.list({ address })
      return mail?.links[0]
    })
  const links = {
    yes: await link(MANAGERS.yes.mail),
    no: await link(MANAGERS.no.mail),
    late: await link(MANAGERS.late.mail),
  }
  const running = async (ipAddress: string) => {
    const devices = await workbench.network.devices()
    return devices.find(device => device.ipAddress === ipAddress)?.software?.version
  }

  // Downloads begin while others have not answered.
  await answer(links.yes, 'yes')
  const inState = (deviceId: string, state: TaskState) =>
    stage.until(`${deviceId} ${state}`, async () =>
      (await states())[deviceId] === state ? true : undefined,
    )
  await inState('IT-YES', 'invoiced')
  expect((await workbench.carrier.rollout({ id })).state).toBe('collecting-consent')
  expect(await states()).toMatchObject({
    'IT-NO': 'awaiting-answer',
    'IT-SILENT': 'awaiting-answer',
  })

  // An answer on the second of three days counts.
  await stage.pass(DAY_MS)
  await answer(links.no, 'no')
  expect((await workbench.carrier.customer({ deviceId: 'IT-NO' })).updateManagement).toBe(
    'do-not-update',
  )

  // After the deadline none does.
  await stage.pass(2 * DAY_MS)
  expect(await answer(links.late, 'yes')).toBe(409)
  expect((await workbench.observe.audit({})).map(({ code }) => code)).toContain('ANSWER_LATE')
  expect(await states()).toEqual({
    'IT-YES': 'invoiced',
    'IT-NO': 'declined',
    'IT-SILENT': 'no-answer',
    'IT-LATE': 'no-answer',
  })
  expect(await running(MANAGERS.yes.ipAddress)).toBe('1.1.0')
  for (const { ipAddress } of [MANAGERS.no, MANAGERS.silent, MANAGERS.late]) {
    expect(await running(ipAddress)).toBe('1.0.0')
  }

  // One bill, overdue after 30 days, and paid all the same.
  const bills = await workbench.settlement.invoices({})
  expect(bills.rows.map(({ deviceId, state }) => [deviceId, state])).toEqual([['IT-YES', 'open']])
  await stage.pass(31 * DAY_MS)
  await inState('IT-YES', 'overdue')
  const [bill] = bills.rows
  await workbench.settlement.pay({
    invoiceId: bill?.id ?? '',
    amount: 300,
    method: 'card',
    reference: 'late-payment',
  })
  await inState('IT-YES', 'paid')
  // The software of who did not pay in time was never touched (AMB-X.5).
  expect(await running(MANAGERS.yes.ipAddress)).toBe('1.1.0')
  expect(await workbench.settlement.account()).toMatchObject({ balance: 300 })
})
