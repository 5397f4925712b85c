/** A failure as it crossed the contract: `code` names it, `message` is the fallback in English. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

export const NOT_CONNECTED: Problem = {
  code: 'NOT_CONNECTED',
  message: 'The window is not connected to the workbench.',
  data: {},
}

/** Reads any thrown value; what carries no code is reported as `UNEXPECTED`. */
export function problemOf(thrown: unknown): Problem {
  if (isRecord(thrown) && typeof thrown['code'] === 'string') {
    const { code, message, data } = thrown
    return {
      code,
      message: typeof message === 'string' ? message : code,
      data: isRecord(data) ? data : {},
    }
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'UNEXPECTED', message, data: {} }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
