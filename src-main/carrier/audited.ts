import { CodedError } from '../base/coded-error'
import type { AuditSink } from '../observe/message'

/** Notes the refusal of a call in the audit: who asks over HTTP is noted by the server itself. */
export async function audited<Result>(
  audit: AuditSink,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CodedError) {
      audit.refuse({ actor: 'carrier', code: error.code, message: error.message })
    }
    throw error
  }
}
