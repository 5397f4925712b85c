const WINDOW_MS = 60_000
const RELOADS_MAX = 3

/** Decides whether a page that died is loaded again: a page that always dies is not. */
export class RendererCrashes {
  #reloads: readonly number[] = []

  mayReload(now: number): boolean {
    this.#reloads = this.#reloads.filter(at => now - at < WINDOW_MS)
    if (this.#reloads.length >= RELOADS_MAX) return false
    this.#reloads = [...this.#reloads, now]
    return true
  }
}
