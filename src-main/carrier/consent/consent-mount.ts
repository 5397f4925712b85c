import { CodedError } from '../../base/coded-error'
import { textIn } from '../../site/message-in'
import type { CarrierMount } from '../server'

const FORM_BYTES_MAX = 1024

export interface ConsentDoor {
  /** The page of a question; reading it changes nothing. */
  readonly show: (token: string, request: Request) => Promise<Response>
  readonly answer: (token: string, answer: 'yes' | 'no', request: Request) => Promise<Response>
}

/** Where managers answer in a browser. Only the token says who may. */
export function mountConsent(path: string, { show, answer }: ConsentDoor): CarrierMount {
  return site => {
    site.get(`${path}:token`, ({ req }) => show(req.param('token') ?? '', req.raw))
    site.post(`${path}:token`, async ({ req }) =>
      answer(req.param('token') ?? '', await answerIn(req.raw), req.raw),
    )
  }
}

/** Of the page's own form. */
async function answerIn(request: Request): Promise<'yes' | 'no'> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw new CodedError('TYPE_REFUSED', 'Only the form of the page is taken.')
  }
  const answers = new URLSearchParams(await textIn(request, FORM_BYTES_MAX)).getAll('answer')
  const [answer] = answers
  if (answers.length === 1 && (answer === 'yes' || answer === 'no')) return answer
  throw new CodedError('BAD_REQUEST', 'The form answers with yes or with no.', { field: 'answer' })
}
