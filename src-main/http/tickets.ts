import { randomBytes } from 'node:crypto'
import { sameSecret } from './guard'

const TICKET_BYTES = 32

/** Secrets that are good for one use each. */
export class Tickets {
  #open: readonly string[] = []

  issue(): string {
    const ticket = randomBytes(TICKET_BYTES).toString('base64url')
    this.#open = [...this.#open, ticket]
    return ticket
  }

  /** Whether the ticket was good; it no longer is. */
  redeem(ticket: string): boolean {
    const left = this.#open.filter(open => !sameSecret(open, ticket))
    const wasGood = left.length < this.#open.length
    this.#open = left
    return wasGood
  }
}
