import type { Customer, DeviceTask, Rollout } from '../../contract/rollouts'
import type { Invoice } from '../../contract/settlement'
import { noticeMail } from './notice-mail'
import type { InvoicePayload, OutboxEntry } from './outbox-message'
import { stepLabel, stepsOf } from './steps'

const DAY_MS = 86_400_000

export interface Completed {
  readonly rollout: Pick<Rollout, 'id' | 'softwareName' | 'version' | 'settings' | 'additional'>
  readonly task: Pick<DeviceTask, 'id'>
  readonly customer: Pick<Customer, 'deviceId' | 'managerName' | 'managerEmail'>
}

/** The bill for one download has one name, however often it is ordered. */
function invoiceIdOf(rolloutId: number, deviceId: string): string {
  return `R${rolloutId}-${deviceId}`
}

/** Undefined for what is no name of a bill of ours. */
export function billedTask(
  invoiceId: string,
): { readonly rolloutId: number; readonly deviceId: string } | undefined {
  const [, rolloutId, deviceId] = /^R(\d{1,15})-(.+)$/.exec(invoiceId) ?? []
  return rolloutId === undefined || deviceId === undefined
    ? undefined
    : { rolloutId: Number(rolloutId), deviceId }
}

/**
 * What the normal end of a download sets off (S6, S23, S42): the bill, after which the notice with
 * the account number follows (S7, S24, S43, S58). Where the price is 0 there is no bill, and the
 * notice says so. To be written in the transaction that ends the task.
 */
export function onDownloaded({ rollout, task, customer }: Completed, now: number): OutboxEntry {
  const { price = 0, currency = '' } = rollout.additional ?? {}
  const { settings, softwareName: name, version } = rollout
  const { deviceId, managerName, managerEmail } = customer
  const software = { name, version }
  const id = invoiceIdOf(rollout.id, deviceId)
  const label = stepLabel(stepsOf(settings).notice)
  if (price === 0)
    return noticeEntry({ id, deviceId, managerEmail, label, software, invoice: null })
  const dueAt = now + settings.paymentDays * DAY_MS
  const order = { id, rolloutId: rollout.id, deviceId, managerName, amount: price, currency, dueAt }
  const ledger = settings.settlement
  const payload = { taskId: task.id, ledger, order, managerEmail, software, label }
  return { key: `invoice:${id}`, kind: 'invoice', payload }
}

/** The notice to the manager once the bill is in the books. */
export function onInvoiced(payload: InvoicePayload, invoice: Invoice): OutboxEntry {
  const { order, managerEmail, software, label } = payload
  const { id, deviceId } = order
  return noticeEntry({ id, deviceId, managerEmail, label, software, invoice })
}

interface Notice {
  readonly id: string
  readonly deviceId: string
  readonly managerEmail: string
  readonly label: string
  readonly software: InvoicePayload['software']
  readonly invoice: Invoice | null
}

function noticeEntry({ id, deviceId, managerEmail: to, label, ...notice }: Notice): OutboxEntry {
  const { software, invoice } = notice
  const mail = noticeMail({ deviceId, software, invoice })
  return { key: `notice:${id}`, kind: 'mail', payload: { to, label, ...mail } }
}
