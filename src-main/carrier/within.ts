import type { Clock } from '../base/clock'

/** Answers as the work does, or rejects with `late` after so many milliseconds; the work goes on. */
export async function within<Result>(
  clock: Clock,
  milliseconds: number,
  { work, late }: { readonly work: Promise<Result>; readonly late: () => Error },
): Promise<Result> {
  let cancel = () => {}
  const tooLate = new Promise<never>((_, reject) => {
    cancel = clock.after(milliseconds, () => reject(late()))
  })
  // Nobody hears of its failure where it comes too late.
  work.catch(() => undefined)
  return Promise.race([work, tooLate]).finally(() => cancel())
}
