import type { Mail } from '../../contract/mail'
import type { Invoice } from '../../contract/settlement'
import type { InvoiceOrder } from '../../wire/settlement/messages'

/** What lies around the carrier's server. */
export interface CarrierSurroundings {
  /** Where the emulated network is reached: IP addresses follow as a path. */
  readonly networkAddress: () => Promise<string>
  readonly settlementAddress: () => Promise<string>
  /** Shared with the settlement apparatus. */
  readonly settlementSecret: string
  /** The carrier's own books (S1-23). */
  readonly ownBooks: {
    issue(order: InvoiceOrder): Promise<Invoice>
    /** What the listener did not take is told again, also after a restart. */
    onChanged(listener: (invoice: Invoice) => Promise<void> | void): () => void
  }
  readonly sendMail: (mail: {
    readonly from: string
    readonly to: string
    readonly subject: string
    readonly text: string
    readonly messageId: string
  }) => Promise<void>
  /** Hears of mails that came in. Returns the unsubscribe. */
  readonly onMail: (listener: (mail: Mail) => Promise<void> | void) => () => void
}
