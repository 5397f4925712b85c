/** The only source of time for decisions. Guards against hangs of real I/O use real time besides. */
export interface Clock {
  readonly kind: 'real' | 'virtual'
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once after so many milliseconds. Returns the cancel. */
  after(milliseconds: number, callback: () => void): () => void
  /**
   * Says that work is in flight which virtual time must wait for: a worker's job, an HTTP request,
   * bytes on a link. Real time waits for nobody. Returns what says that it has ended.
   */
  busy(): () => void
}

/** Resolves after so many milliseconds of the clock's time. */
export function sleep(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise(done => void clock.after(milliseconds, done))
}
