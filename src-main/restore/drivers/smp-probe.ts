import type { EncodingChoice } from '../../contract/restore'
import { RAW_SILENCE_MS } from '../../wire/smp/constants'
import type { SmpEncoding } from '../../wire/smp/encoding'
import { SMP_ENCODINGS } from '../../wire/smp/encodings'
import { readImageState, type ImageSlotState } from '../../wire/smp/messages'
import type { AskOutcome, SmpClient } from './smp-client'

interface Attempt {
  readonly encoding: SmpEncoding['name']
  readonly attempts: number
}

/**
 * Raw requests begin anew after a pause in which a device drops what it took for the beginning of a
 * packet: console lines, or the half packet of a restore that was killed.
 */
const ATTEMPTS: Readonly<Record<EncodingChoice, readonly Attempt[]>> = {
  auto: [
    { encoding: 'console', attempts: 4 },
    { encoding: 'raw', attempts: 3 },
  ],
  console: [{ encoding: 'console', attempts: 5 }],
  raw: [
    { encoding: 'raw', attempts: 2 },
    { encoding: 'raw', attempts: 3 },
  ],
}
const TIMEOUT_MS = 1000
/** The last request has been waited for already. */
const QUIET_MS = RAW_SILENCE_MS + 200 - TIMEOUT_MS

/** The encoding to begin with. */
export function firstEncoding(choice: EncodingChoice): SmpEncoding {
  return SMP_ENCODINGS[choice === 'raw' ? 'raw' : 'console']
}

/** In words, what {@link probe} tries before it says `silence`. */
export function triedText(choice: EncodingChoice): string {
  const requests = ATTEMPTS[choice].reduce((total, { attempts }) => total + attempts, 0)
  const encodings = choice === 'auto' ? 'console and raw encoding' : `${choice} encoding`
  return `${requests} requests were sent in ${encodings} to identify the device`
}

/**
 * Asks for the image list until somebody answers, and leaves the client speaking the encoding in
 * which that was. Rejects with `LINK_LOST` and `CANCELLED`.
 */
export async function probe(
  client: SmpClient,
  choice: EncodingChoice,
): Promise<AskOutcome<readonly ImageSlotState[]>> {
  for (const [index, { encoding, attempts }] of ATTEMPTS[choice].entries()) {
    if (index > 0) await client.pause(QUIET_MS)
    client.speak(SMP_ENCODINGS[encoding])
    const outcome = await client.ask(readImageState, { timeoutMs: TIMEOUT_MS, attempts })
    if (outcome.kind !== 'silence') return outcome
  }
  return { kind: 'silence' }
}
