import type { Generated } from 'kysely'

export interface MailsTable {
  id: Generated<number>
  at: number
  message_id: string
  sender: string
  /** JSON of addresses. */
  recipients: string
  subject: string
  text: string
  /** JSON of links. */
  links: string
  /** As it came, shortened where it was long. */
  source: string
  /** 1 once those who hear of mails are done with it. */
  is_handed: number
}

export interface MailTables {
  mails: MailsTable
}
