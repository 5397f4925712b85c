/** The only source of time for decisions. Real I/O hang guards use the real clock besides. */
export interface Clock {
  readonly kind: 'real' | 'virtual'
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once after so many milliseconds. Returns the cancel. */
  after(milliseconds: number, callback: () => void): () => void
}

export const realClock: Clock = {
  kind: 'real',
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Resolves after so many milliseconds of the clock's time. */
export function sleep(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise(done => void clock.after(milliseconds, done))
}
