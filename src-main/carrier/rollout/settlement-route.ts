import { CodedError } from '../../base/coded-error'
import { messageIn } from '../../site/message-in'
import { isToken, tokenDigestOf } from '../../site/tokens'
import {
  CARRIER_SETTLEMENT_PATH,
  SETTLEMENT_MESSAGE_BYTES_MAX,
  type SettlementNotice,
  settlementNotice,
} from '../../wire/settlement/messages'
import type { CarrierMount } from '../server'

/** The apparatus tells what became of an invoice; with the shared secret, and again until it hears 204. */
export function mountSettlements(
  secret: string,
  settled: (notice: SettlementNotice) => Promise<void>,
): CarrierMount {
  const digest = tokenDigestOf(secret)
  return site =>
    site.post(CARRIER_SETTLEMENT_PATH, async ({ req }) => {
      const token = /^Bearer (\S{1,256})$/.exec(req.header('authorization') ?? '')?.[1]
      if (token === undefined || !isToken(token, digest)) {
        throw new CodedError('TOKEN_WRONG', 'Only the settlement apparatus may tell of invoices.')
      }
      await settled(await messageIn(req.raw, settlementNotice, SETTLEMENT_MESSAGE_BYTES_MAX))
      return new Response(null, { status: 204 })
    })
}
