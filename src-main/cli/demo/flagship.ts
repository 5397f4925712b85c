import { CodedError } from '../../base/coded-error'
import type { DeviceTask, Rollout, RolloutState, TaskState } from '../../contract/rollouts'
import { builtInSoftware } from '../../handset/service/built-in-software'
import {
  ADDITIONAL,
  bringBystander,
  bringHandset,
  CUSTOMER,
  openVendor,
  PRICE,
  type Role,
  TEST_DEVICE,
  TIME_ZONE,
  VENDOR,
} from './cast'
import type { Stage } from './stage'

const SETTINGS = {
  trial: true,
  consent: true,
  window: { start: '01:00', end: '05:00' },
  paymentDays: 30,
} as const
/** Of the rewrite of k1 1.0.0 to 1.1.0: some of its sectors are erased by then. */
const CUT_AFTER_OPERATIONS = 60
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** What the story came to; the same for one seed. */
export interface FlagshipEnd {
  readonly software: string | null
  readonly isRestored: boolean
  readonly invoice: string | null
  readonly paid: number
  readonly rollout: RolloutState
}

/**
 * Release, trial, consent, night window, differential update, power cut, wired restore, settlement
 * (story 1). Throws `STORY_STUCK` where it does not come to its end.
 */
export async function playFlagship(stage: Stage, seed: number): Promise<FlagshipEnd> {
  stage.begin('scene')
  await openVendor(stage)
  for (const [index, role] of [TEST_DEVICE, CUSTOMER].entries()) {
    await bringHandset(stage, role, seed + index)
    await started(stage, role)
  }
  await bringBystander(stage)
  await stage.tell(
    `${VENDOR} has a software database; the carrier manages ${CUSTOMER.deviceId}, a test device and a PC.`,
  )
  // Handsets that run cost time; this one sleeps until night.
  await stage.workbench.handsets.power({ name: CUSTOMER.handset, on: false })
  const { rollout, digest } = await release(stage)
  await trial(stage, rollout)
  await consent(stage, rollout)
  await night(stage, rollout)
  await restore(stage, digest)
  return settle(stage, rollout)
}

async function release(stage: Stage): Promise<{ rollout: number; digest: string }> {
  const { workbench } = stage
  stage.begin('release')
  const firmware = builtInSoftware.image('k1', '1.1.0')
  const { digest } = await workbench.upload('k1-1.1.0.bin', firmware)
  const registered = await workbench.vendor.register({
    vendorName: VENDOR,
    digest,
    additional: ADDITIONAL,
  })
  const { softwareName, version, bytes } = registered
  await stage.tell(
    `${VENDOR} registers ${softwareName} ${version} (${bytes} bytes) for type ${ADDITIONAL.deviceTypes.join()}, ${PRICE} JPY.`,
  )
  const { id } = await workbench.carrier.markNotified({
    vendorName: VENDOR,
    vendorReleaseId: registered.id,
    settings: SETTINGS,
  })
  await stage.tell('A card says so to the carrier, whose operator marks it as notified.')
  await reached(stage, id, 'testing')
  await stage.tell("The carrier logs in at the vendor's database and fetches the release.")
  return { rollout: id, digest }
}

async function trial(stage: Stage, id: number): Promise<void> {
  stage.begin('trial')
  const { report } = await reached(stage, id, 'collecting-consent')
  const answer = report?.answer ?? 'nothing'
  await stage.tell(
    `${TEST_DEVICE.deviceId} gets it first, starts it and answers "${plain(answer)}".`,
  )
  await stage.workbench.handsets.power({ name: TEST_DEVICE.handset, on: false })
}

async function consent(stage: Stage, id: number): Promise<void> {
  const { workbench } = stage
  stage.begin('consent')
  const question = await stage.until('a question by mail', async () => {
    const [newest] = await workbench.mail.list({ address: 'minato@shiba.co.jp' })
    return newest
  })
  await stage.tell(`${question.to.join()} is asked by mail: "${question.subject}".`)
  const [link] = question.links
  if (link === undefined) throw new CodedError('STORY_STUCK', 'The question has no link.')
  const form = new URLSearchParams({ answer: 'yes' })
  const page = await fetch(link, { method: 'POST', body: form })
  await page.arrayBuffer()
  const task = await taskIn(stage, id, 'waiting-window')
  await stage.tell(`The manager answers "${task.answer}" on the page behind the link.`)
}

async function night(stage: Stage, id: number): Promise<void> {
  const { workbench } = stage
  stage.begin('night')
  const waiting = await taskIn(stage, id, 'waiting-window')
  const opening = waiting.nextAt ?? 0
  await stage.tell(`The window opens at ${localTime(opening)}; until then nothing is sent.`)
  await stage.passTo(opening - MINUTE_MS)
  await workbench.handsets.power({ name: CUSTOMER.handset, on: true })
  await started(stage, CUSTOMER)
  const cut = `flash:power-cut@${CUT_AFTER_OPERATIONS}`
  await workbench.handsets.plantFault({ name: CUSTOMER.handset, fault: cut })
  const cutOff = await stage.until('the power cut', async () => {
    const handset = await handsetOf(stage, CUSTOMER)
    return handset.state === 'off' ? handset : undefined
  })
  const { kind, fileBytes, ramBytes } = cutOff.update ?? {}
  await stage.tell(
    `It gets a notice and asks for the update: a ${kind ?? '?'} file of ${fileBytes ?? 0} bytes, for which it frees ${ramBytes ?? 0} bytes of RAM.`,
  )
  await stage.tell('In the middle of the rewrite the power fails. The file is gone with the RAM.')
  await workbench.handsets.radio({ name: CUSTOMER.handset, on: false })
  await workbench.handsets.power({ name: CUSTOMER.handset, on: true })
  const { state } = await stage.until('restore mode', async () => {
    const handset = await handsetOf(stage, CUSTOMER)
    return handset.state === 'off' ? undefined : handset
  })
  await stage.tell(`Switched on again, its protected code starts nothing: ${state}.`)
}

async function restore(stage: Stage, digest: string): Promise<void> {
  const { workbench } = stage
  stage.begin('restore')
  const { id } = await workbench.restore.start({ link: `virtual:${CUSTOMER.handset}`, digest })
  const ended = await stage.until('the wired restore', async () => {
    const list = await workbench.restore.list({})
    return list.find(view => view.id === id && view.stage === 'ended')
  })
  await stage.tell(`At the bench the whole image goes in by wire: ${ended.result ?? 'no result'}.`)
  await started(stage, CUSTOMER)
  await workbench.handsets.radio({ name: CUSTOMER.handset, on: true })
  await workbench.handsets.update({ name: CUSTOMER.handset })
}

async function settle(stage: Stage, id: number): Promise<FlagshipEnd> {
  const { workbench } = stage
  stage.begin('settlement')
  const task = await taskIn(stage, id, 'invoiced')
  await stage.tell(
    `Back in reach, ${CUSTOMER.deviceId} reports its software: ${task.isRestored ? 'restored by wire' : 'updated'}, which counts once.`,
  )
  const { rows } = await workbench.settlement.invoices({})
  const [bill] = rows
  if (!bill || rows.length !== 1) throw new CodedError('STORY_STUCK', 'There is one bill.')
  const notice = await stage.until('the notice', async () => {
    const mails = await workbench.mail.list({ address: 'minato@shiba.co.jp' })
    return mails.find(({ text }) => text.includes(bill.account))
  })
  await stage.tell(`${notice.to.join()} is told: ${bill.amount} ${bill.currency} are due.`)
  await stage.pass(DAY_MS / 24)
  await workbench.settlement.pay({
    invoiceId: bill.id,
    amount: bill.amount,
    reference: 'minato-1',
    method: 'electronic-money',
  })
  await taskIn(stage, id, 'paid')
  const { balance } = await workbench.settlement.account()
  const { state } = await reached(stage, id, 'closed')
  await stage.tell(`The manager pays; the carrier's account holds ${balance} ${bill.currency}.`)
  const handset = await handsetOf(stage, CUSTOMER)
  return {
    software: handset.software?.version ?? null,
    isRestored: task.isRestored,
    invoice: bill.id,
    paid: balance,
    rollout: state,
  }
}

async function handsetOf({ workbench }: Stage, { handset }: Role) {
  const found = (await workbench.handsets.list()).find(({ name }) => name === handset)
  if (!found) throw new CodedError('STORY_STUCK', `The handset ${handset} is gone.`)
  return found
}

/** Its software runs and says so. */
async function started(stage: Stage, role: Role): Promise<void> {
  await stage.until(`${role.handset} running`, async () => {
    const handset = await handsetOf(stage, role)
    return handset.state === 'normal' ? handset : undefined
  })
  // Its last words of a start come a little later.
  await stage.pass(2000)
}

function reached(stage: Stage, id: number, state: RolloutState): Promise<Rollout> {
  return stage.until(`a rollout that is ${state}`, async () => {
    const rollout = await stage.workbench.carrier.rollout({ id })
    const history = await stage.workbench.carrier.history({ id })
    return history.some(passed => passed.state === state) ? rollout : undefined
  })
}

function taskIn(stage: Stage, id: number, state: TaskState): Promise<DeviceTask> {
  return stage.until(`a task that is ${state}`, async () => {
    const { rows } = await stage.workbench.carrier.tasks({ id })
    return rows.find(task => task.deviceId === CUSTOMER.deviceId && task.state === state)
  })
}

/** Without the nonce that was sent along. */
function plain(answer: string): string {
  return answer.slice(0, ADDITIONAL.trial.answer.length)
}

function localTime(instant: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: TIME_ZONE,
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(instant)
}
