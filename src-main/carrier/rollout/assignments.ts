import type { CatalogueRelease } from '../catalogue'
import type { KeptUpdate } from '../store'
import type { Inquiry, Report } from '../../wire/update/messages'

/** What the update desk asks about terminals of the customer table, and tells of them. */
export interface Assignments {
  /**
   * The one release that a terminal may have now; null: none. Undefined for a terminal that is not
   * in the table: it may have what is in the open catalogue.
   */
  offered(terminalId: string): Promise<CatalogueRelease | null | undefined>
  /** U1: what it holds may be what a task was to bring. */
  seen(inquiry: Inquiry): Promise<void>
  /** U1 of a handset whose rewrite was cut off: it gets its file whatever else is allowed. */
  rescued(terminalId: string): void
  /** It was offered something that it cannot take. */
  unfit(inquiry: Inquiry): Promise<void>
  /** U5. False: it may not have the file now. */
  began(update: KeptUpdate): Promise<boolean>
  /** U6. */
  sent(update: KeptUpdate, sentBytes: number): Promise<void>
  /** U10. */
  ended(update: KeptUpdate, report: Report): Promise<void>
}
