import type { Clock } from '../base/clock'
import type { Hello, Notice, Settings, SettingsChange } from '../contract/app'
import type { EventSink } from '../observe/events'
import type { RaisedNotice } from '../storage/notices'
import type { Storage } from '../storage/open-storage'

export interface AppOptions {
  readonly storage: Pick<Storage, 'settings' | 'notices' | 'onNotice'>
  readonly clock: Clock
  readonly events: EventSink
  readonly hello: Hello
}

/** What concerns the workbench itself: who it is, its settings, what a person should know. */
export class AppService {
  readonly #options: AppOptions
  #notices: readonly Notice[] = []
  #lastNotice = 0

  constructor(options: AppOptions) {
    this.#options = options
    for (const raised of options.storage.notices) this.#raise(raised)
    options.storage.onNotice(raised => this.#raise(raised))
  }

  hello(): Hello {
    return this.#options.hello
  }

  settings(): Settings {
    return this.#options.storage.settings.current()
  }

  /** Answers when the change is on the disk. */
  async changeSettings(change: SettingsChange): Promise<Settings> {
    const settings = await this.#options.storage.settings.change(change)
    this.#options.events.publish({ kind: 'settings-changed', settings })
    return settings
  }

  /** Those that nobody has dismissed, oldest first. */
  notices(): Notice[] {
    return [...this.#notices]
  }

  /** Does nothing where the notice is gone already: another window was faster. */
  dismissNotice({ id }: { readonly id: number }): void {
    const left = this.#notices.filter(notice => notice.id !== id)
    if (left.length === this.#notices.length) return
    this.#notices = left
    this.#options.events.publish({ kind: 'notice-dismissed', id })
  }

  #raise(raised: RaisedNotice): void {
    this.#lastNotice += 1
    const notice = { id: this.#lastNotice, at: this.#options.clock.now(), ...raised }
    this.#notices = [...this.#notices, notice]
    this.#options.events.publish({ kind: 'notice-raised', notice })
  }
}
