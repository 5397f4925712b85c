import type { Clock } from '../base/clock'

/** Lets so much of the clock's time pass. Rejects with the signal's reason as soon as it is given. */
export async function pause(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const over = Promise.withResolvers<void>()
  const end = () => over.resolve()
  const cancel = clock.after(milliseconds, end)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  await over.promise
  cancel()
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
}
