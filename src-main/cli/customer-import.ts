import { CodedError } from '../base/coded-error'
import type { NewCustomer } from '../contract/rollouts'
import type { ServedWorkbench } from './open-workbench'

type Carrier = Pick<ServedWorkbench['carrier'], 'putCustomers'>

const ROWS_OF_A_CALL = 500
/** A call to the workbench has a mebibyte at most. */
const BYTES_OF_A_CALL = 900 * 1024

/** The text of a file. Throws `CSV_UNFIT` for any other encoding, which would spoil every name. */
export function utf8In(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (cause) {
    const message = 'The file is not in UTF-8. Save it as "CSV UTF-8". Nothing was entered.'
    throw new CodedError('CSV_UNFIT', message, {}, { cause })
  }
}

/** Enters rows, several at a time. Rejects as the workbench does, and says how many it has taken. */
export async function enterCustomers(
  carrier: Carrier,
  rows: readonly NewCustomer[],
): Promise<{ entered: number; replaced: number }> {
  const counts = { entered: 0, replaced: 0 }
  for (const some of callsOf(rows)) {
    const answer = await carrier.putCustomers({ rows: some }).catch((error: unknown) => {
      throw withTaken(error, counts.entered + counts.replaced)
    })
    counts.entered += answer.entered
    counts.replaced += answer.replaced
  }
  return counts
}

function* callsOf(rows: readonly NewCustomer[]): Generator<NewCustomer[]> {
  let [call, bytes]: [NewCustomer[], number] = [[], 0]
  for (const row of rows) {
    const more = Buffer.byteLength(JSON.stringify(row)) + 1
    const isFull = call.length === ROWS_OF_A_CALL || bytes + more > BYTES_OF_A_CALL
    if (isFull && call.length > 0) {
      yield call
      ;[call, bytes] = [[], 0]
    }
    call.push(row)
    bytes += more
  }
  if (call.length > 0) yield call
}

/** The workbench counts the rows of a call from 1, wherever in the file they are. */
function withTaken(error: unknown, taken: number): unknown {
  if (taken === 0 || !(error instanceof Error) || !('code' in error)) return error
  const message = `${error.message} The first ${taken} rows of the file are entered; here rows count from the one after them.`
  return new CodedError(String(error.code), message, { taken }, { cause: error })
}
