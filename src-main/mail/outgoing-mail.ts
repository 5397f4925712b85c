/** A mail of one of the servers, in plain text. */
export interface OutgoingMail {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** `<NAME@HOST>`, with or without the brackets; the same ID is the same mail, however often it is sent. */
  readonly messageId: string
}
