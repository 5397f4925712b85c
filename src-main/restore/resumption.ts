import type { RestoreRecord } from './journal'

export interface ResumptionFacts {
  readonly record: RestoreRecord | undefined
  /** The byte that the device says it wants next; undefined where it does not say. */
  readonly wanted: number | undefined
  readonly totalBytes: number
}

/** Where to go on, or why not at all. */
export type Resumption =
  | { readonly kind: 'from'; readonly byte: number }
  | { readonly kind: 'over'; readonly why: string }

/**
 * What the device holds decides, and the record only whether that can be a part of this image: a
 * device does not say what it was receiving. The digest at the end proves it (decision 0004).
 */
export function resumptionOf({ record, wanted, totalBytes }: ResumptionFacts): Resumption {
  if (!record) {
    return over('there is no record of an interrupted restore of this image to this device here')
  }
  if (wanted === undefined) return over('the device does not say how much it holds')
  if (wanted === 0) {
    return over('the device holds no part of an image any more; perhaps it was switched off')
  }
  if (wanted < record.acknowledgedBytes || wanted > totalBytes) {
    return over(
      `the device wants byte ${wanted}, but this restore had come to byte ` +
        `${record.acknowledgedBytes}: it was given another image meanwhile`,
    )
  }
  return { kind: 'from', byte: wanted }
}

function over(why: string): Resumption {
  return { kind: 'over', why }
}
