import type { Clock } from '../base/clock'
import type { Invoice } from '../contract/settlement'
import { Rounds } from './rounds'
import type { SettlementStore } from './store'

/** `told`: never again. `later`: this one must wait. `nobody`: none can be told now. */
export type Telling = 'told' | 'later' | 'nobody'

export interface NewsParts {
  readonly store: SettlementStore
  readonly clock: Clock
  /** Whose invoices these news are about. */
  readonly ledger: Invoice['ledger']
  readonly tell: (invoice: Invoice) => Promise<Telling>
  readonly onDefect: (error: unknown) => void
}

const RETRY_MS = 1000
const RETRY_MS_MAX = 3_600_000

/** Tells what became of invoices, one after the other, until it is taken; also after a restart. */
export class NewsTeller {
  readonly #parts: NewsParts
  readonly #rounds: Rounds

  constructor(parts: NewsParts) {
    const { clock, onDefect } = parts
    this.#parts = parts
    this.#rounds = new Rounds({ clock, onDefect, round: () => this.#tellAll() })
  }

  wake(): void {
    this.#rounds.wake()
  }

  async close(): Promise<void> {
    await this.#rounds.close()
  }

  async #tellAll(): Promise<number | undefined> {
    const { store, clock, ledger, tell } = this.#parts
    for (;;) {
      const news = await store.news(ledger, clock.now())
      if (!news) return store.nextNewsAt(ledger)
      const telling = await tell(news.invoice)
      if (telling === 'told') {
        await store.told(news.invoice)
        continue
      }
      const nextAt = clock.now() + Math.min(RETRY_MS * 2 ** news.attempts, RETRY_MS_MAX)
      await store.notTold(news, nextAt)
      if (telling === 'nobody') return nextAt
    }
  }
}
