import * as z from 'zod'
import { call, errorCodes, instant, queryNumber } from './procedure'

const id = z.number().int().positive()

export const mailErrors = errorCodes({
  MAIL_UNKNOWN: [404, 'No such mail is in the mailbox.'],
  MAIL_REFUSED: [502, 'The mail server did not take the mail.'],
})

/** A mail that the embedded server took in (spec 0.3 `mail`). */
export const mail = z.object({
  id,
  at: instant,
  messageId: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  /** Plain text, shortened where it was long. */
  text: z.string(),
  /** Found in the text: `http://…`. */
  links: z.array(z.string()),
})
export type Mail = z.infer<typeof mail>

export const mailCalls = {
  // Queries
  server: call
    .route({
      method: 'GET',
      path: '/mail/server',
      summary: 'Where mails are sent, and the mailbox',
    })
    .output(
      z.object({
        /** Of the embedded server: `smtp://127.0.0.1:PORT`. */
        mailbox: z.string(),
        /** Where the servers send: the mailbox, or the server of the settings. */
        sendsTo: z.string(),
      }),
    ),
  list: call
    .route({ method: 'GET', path: '/mail', summary: 'The mailbox, newest first' })
    .input(
      z.object({
        limit: queryNumber(z.number().int().min(1).max(500)).default(100),
        before: queryNumber(id).optional(),
        /** Only mails to or from this address. */
        address: z.string().max(254).optional(),
      }),
    )
    .output(z.array(mail)),
  message: call
    .route({ method: 'GET', path: '/mail/{id}', summary: 'One mail with its source' })
    .input(z.object({ id: queryNumber(id) }))
    .errors(mailErrors)
    .output(z.object({ mail, source: z.string() })),
  // Commands
  clear: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/mail', summary: 'Empties the mailbox' })
    .output(z.void()),
}
