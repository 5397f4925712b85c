/** How far a transfer was at some time of the clock. */
export interface Sample {
  readonly at: number
  readonly doneBytes: number
}

export interface Rate {
  readonly bytesPerSecond: number
  /** Null while there is no rate to judge by. */
  readonly secondsLeft: number | null
}

/** The rate is that of the last seconds, so that it follows a line that slows down. */
const WINDOW_MS = 5000
const SAMPLES_MAX = 64

/** Adds a sample and drops what is too old. A transfer that went back begins anew. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const newest = samples.at(-1)
  if (newest && sample.doneBytes < newest.doneBytes) return [sample]
  const recent = samples.filter(({ at }) => sample.at - at <= WINDOW_MS)
  // The newest sample stands for a crowd of quick ones; the oldest ones carry the window.
  const kept = recent.length < SAMPLES_MAX ? recent : recent.filter((_, index) => index % 2 === 0)
  return [...kept, sample]
}

export function rateOf(samples: readonly Sample[], totalBytes: number): Rate {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at <= first.at || last.doneBytes <= first.doneBytes) {
    return { bytesPerSecond: 0, secondsLeft: null }
  }
  const bytesPerSecond = ((last.doneBytes - first.doneBytes) * 1000) / (last.at - first.at)
  return { bytesPerSecond, secondsLeft: (totalBytes - last.doneBytes) / bytesPerSecond }
}
