/** The only source of time for decisions. Guards against hangs of real I/O use real time besides. */
export interface Clock {
  readonly kind: 'real' | 'virtual'
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once after so many milliseconds. Returns the cancel. */
  after(milliseconds: number, callback: () => void): () => void
}

/** Resolves after so many milliseconds of the clock's time. */
export function sleep(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise(done => void clock.after(milliseconds, done))
}
