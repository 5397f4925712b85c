import { CodedError } from '../base/coded-error'

/** Answers as the work does, or rejects with `CANCELLED` as soon as the signal is aborted. */
export async function unlessAborted<Result>(
  signal: AbortSignal,
  work: Promise<Result>,
): Promise<Result> {
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(new CodedError('CANCELLED', 'Cancelled.'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    stop = () => signal.removeEventListener('abort', abort)
  })
  // Whichever loses the race is nobody's business any more.
  work.catch(() => undefined)
  return Promise.race([work, aborted]).finally(stop)
}
