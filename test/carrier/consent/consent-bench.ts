import { onTestFinished } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import { ConsentDesk } from '../../../src-main/carrier/consent/consent-desk'
import { rememberAnswer } from '../../../src-main/carrier/customers/customer-store'
import { outboxPayload } from '../../../src-main/carrier/rollout/outbox-message'
import type { Answers } from '../../../src-main/carrier/rollout/ports'
import { CARRIER_PAGES } from '../../../src-main/carrier/server'
import type { Customer, Rollout, TaskState } from '../../../src-main/contract/rollouts'
import { startSite } from '../../../src-main/site/start-site'
import { MINATO, SHINJUKU } from '../customers/fixture'
import { partsBench, sampleRollout, writeDown } from '../parts-bench'

export const DAY_MS = 86_400_000

/** A rollout that collects answers, and the desk behind a real server. */
export async function consentBench(given: Partial<Rollout> = {}) {
  const bench = await partsBench()
  const { audit, clock, db, logDefect } = bench
  const answers: Answers = {
    async answered({ rolloutId, deviceId }, answer) {
      const { deadline } = await db
        .selectFrom('carrier_rollouts')
        .select('deadline')
        .where('id', '=', rolloutId)
        .executeTakeFirstOrThrow()
      const at = clock.now()
      if (deadline !== null && deadline <= at) throw new CodedError('ANSWER_LATE', 'It is over.')
      await db
        .updateTable('carrier_tasks')
        .set({ state: answer === 'yes' ? 'agreed' : 'declined', answer, answered_at: at })
        .where('device_id', '=', deviceId)
        .execute()
      await rememberAnswer(db, { deviceId, answer, at })
    },
  }
  const desk = new ConsentDesk({ ...bench, answers, carrierAddress: async () => site.address })
  const site = await startSite({
    actor: 'carrier',
    statusOfCode: {},
    audit,
    clock,
    logDefect,
    port: 0,
    pages: CARRIER_PAGES,
    mount: desk.mount,
  })
  onTestFinished(() => site.close())
  const rollout = sampleRollout({
    state: 'collecting-consent',
    deadline: clock.now() + 3 * DAY_MS,
    ...given,
  })
  const mails = async () =>
    (await db.selectFrom('carrier_outbox').selectAll().orderBy('id').execute()).map(row => ({
      key: row.key,
      kind: row.kind,
      ...outboxPayload.mail.parse(JSON.parse(row.payload)),
    }))
  return {
    ...bench,
    desk,
    mails,
    rollout,
    address: site.address,
    begin: async (
      rows: readonly Customer[] = [MINATO, SHINJUKU],
      state: TaskState = 'awaiting-answer',
    ) => {
      await bench.enter(...rows)
      await writeDown(
        bench,
        rollout,
        rows.map(customer => ({ customer, state })),
      )
    },
    linkOf: async (deviceId: string) => {
      const mail = (await mails()).find(({ key }) => key === `question:R1-${deviceId}`)
      return /^http:\S+$/m.exec(mail?.text ?? '')?.[0] ?? ''
    },
    move: (state: TaskState) => db.updateTable('carrier_tasks').set({ state }).execute(),
    task: (deviceId: string) =>
      db
        .selectFrom('carrier_tasks')
        .selectAll()
        .where('device_id', '=', deviceId)
        .executeTakeFirstOrThrow(),
  }
}

export function answerAt(link: string, body: string, headers: Record<string, string> = {}) {
  return fetch(link, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })
}
