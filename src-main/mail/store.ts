import { type Kysely, type Selectable, sql } from 'kysely'
import * as z from 'zod'
import type { Mail } from '../contract/mail'
import type { MailsTable } from '../storage/tables/mail'
import type { Schema } from '../storage/schema'
import { readStored } from '../storage/stored-json'

interface NewMail extends Omit<Mail, 'id'> {
  readonly source: string
}

export interface MailPage {
  readonly limit: number
  /** Only mails with a smaller id. */
  readonly before?: number | undefined
  /** Only mails to or from it. */
  readonly address?: string | undefined
}

const MAILS_MAX = 10_000
/** Everything of a mail but its source, which a list need not read. */
const SHOWN = [
  'id',
  'at',
  'message_id',
  'sender',
  'recipients',
  'subject',
  'text',
  'links',
] as const satisfies (keyof MailsTable)[]

type ShownRow = Pick<Selectable<MailsTable>, (typeof SHOWN)[number]>

/** The mailbox: the newest mails that came in. All SQL of this subsystem is here. */
export class MailStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Undefined where a mail of this message ID is there already. */
  async add(mail: NewMail): Promise<Mail | undefined> {
    return this.#db.transaction().execute(async transaction => {
      const row = await transaction
        .insertInto('mails')
        .values({
          at: mail.at,
          message_id: mail.messageId,
          sender: mail.from,
          recipients: JSON.stringify(mail.to),
          subject: mail.subject,
          text: mail.text,
          links: JSON.stringify(mail.links),
          source: mail.source,
          is_handed: 0,
        })
        .onConflict(conflict => conflict.column('message_id').doNothing())
        .returning(SHOWN)
        .executeTakeFirst()
      if (!row) return undefined
      await transaction
        .deleteFrom('mails')
        .where('id', '<=', row.id - MAILS_MAX)
        .execute()
      return mailOf(row)
    })
  }

  /** Newest first. */
  async list({ limit, before, address }: MailPage): Promise<Mail[]> {
    let query = this.#db.selectFrom('mails').select(SHOWN).orderBy('id', 'desc').limit(limit)
    if (before !== undefined) query = query.where('id', '<', before)
    if (address !== undefined) {
      const sought = address.toLowerCase()
      query = query.where(
        sql<boolean>`(lower(sender) = ${sought} or exists
          (select 1 from json_each(recipients) where lower(json_each.value) = ${sought}))`,
      )
    }
    return (await query.execute()).map(mailOf)
  }

  async withSource(id: number): Promise<{ mail: Mail; source: string } | undefined> {
    const row = await this.#db
      .selectFrom('mails')
      .select([...SHOWN, 'source'])
      .where('id', '=', id)
      .executeTakeFirst()
    return row && { mail: mailOf(row), source: row.source }
  }

  /** The oldest after a mail of those that nobody was done with. */
  async unhanded(after: number): Promise<Mail | undefined> {
    const row = await this.#db
      .selectFrom('mails')
      .select(SHOWN)
      .where('is_handed', '=', 0)
      .where('id', '>', after)
      .orderBy('id')
      .executeTakeFirst()
    return row && mailOf(row)
  }

  async handed(id: number): Promise<void> {
    await this.#db.updateTable('mails').set({ is_handed: 1 }).where('id', '=', id).execute()
  }

  async clear(): Promise<void> {
    await this.#db.deleteFrom('mails').execute()
  }
}

const strings = z.array(z.string())

function mailOf(row: ShownRow): Mail {
  return {
    id: row.id,
    at: row.at,
    messageId: row.message_id,
    from: row.sender,
    to: readStored(strings, row.recipients) ?? [],
    subject: row.subject,
    text: row.text,
    links: readStored(strings, row.links) ?? [],
  }
}
