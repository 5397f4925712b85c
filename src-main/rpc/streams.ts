import { AsyncIteratorClass } from '@orpc/contract'

/**
 * A stream that ends at once when its reader leaves or `outer` is aborted, even in the middle of a
 * wait; a bare async generator would only notice at its next value. The source is told by a signal.
 */
export function leavable<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  outer: AbortSignal | undefined,
): AsyncIteratorClass<T, void> {
  const left = new AbortController()
  const source = open(left.signal)[Symbol.asyncIterator]()
  let stopWaiting = () => {}
  const leave = () => {
    left.abort()
    stopWaiting()
    // Not awaited: a source that ignores the signal would hold the reader back.
    source.return?.().catch(() => {})
  }
  outer?.addEventListener('abort', leave)
  if (outer?.aborted) left.abort()
  return new AsyncIteratorClass<T, void>(
    async () => {
      const { promise: stopped, resolve: stop } = Promise.withResolvers<IteratorResult<T, void>>()
      stopWaiting = () => stop({ done: true, value: undefined })
      if (left.signal.aborted) stopWaiting()
      return Promise.race([stopped, left.signal.aborted ? stopped : source.next()])
    },
    async () => {
      outer?.removeEventListener('abort', leave)
      leave()
    },
  )
}

/** The same stream with every error turned into another. */
export function mapStreamErrors<T, R>(
  stream: AsyncIterator<T, R>,
  map: (error: unknown) => unknown,
): AsyncIteratorClass<T, R> {
  return new AsyncIteratorClass<T, R>(
    () =>
      stream.next().catch((error: unknown) => {
        throw map(error)
      }),
    async () => void (await stream.return?.()),
  )
}

export function isStream(value: unknown): value is AsyncIterator<unknown, unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
