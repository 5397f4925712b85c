import { CodedError } from '../base/coded-error'
import { printableText } from '../base/printable'
import { ProgressLine, type ProgressSink } from './progress'

/** What a command has to say when it is done. */
export interface Outcome {
  /** The one JSON document of `--json`. */
  readonly json: unknown
  /** The same for people, several lines allowed; nothing is printed where it is empty. */
  readonly text: string
  /** 0 done, 1 the operation failed. */
  readonly exitCode: 0 | 1 | 130
}

export interface CommandContext {
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  readonly progress: ProgressSink
  /** A line for people on stderr, also with `--json`. */
  note(line: string): void
}

export const EXIT_FAILED = 1
export const EXIT_BAD_INPUT = 2
export const EXIT_INTERRUPTED = 130

const LINE_CHARACTERS_MAX = 4096

/** Errors that say: what you typed or gave cannot work. All others are failed operations. */
const BAD_INPUT = new Set([
  'BAD_LINK',
  'BAD_FAULT',
  'BAD_REQUEST',
  'USAGE',
  'FILE_NOT_FOUND',
  'FILE_UNREADABLE',
  'IMAGE_DAMAGED',
  'IMAGE_FOREIGN',
  'IMAGE_TOO_LARGE',
  'OPTION_UNFIT',
  'MODEL_UNKNOWN',
  'SOFTWARE_UNKNOWN',
  'RELEASE_UNFIT',
  'RELEASE_UNKNOWN',
  'CSV_UNFIT',
  'CSV_TOO_LARGE',
  'PACKAGE_TOO_LARGE',
  'VENDOR_UNKNOWN',
  'VENDOR_UNFIT',
  'ACCESSOR_UNKNOWN',
  'CUSTOMER_UNKNOWN',
  'CUSTOMER_UNFIT',
  'ROLLOUT_UNKNOWN',
  'TASK_UNKNOWN',
  'INVOICE_UNKNOWN',
  'PAYMENT_UNFIT',
  'MAIL_UNKNOWN',
  'ADDRESS_UNKNOWN',
  'FLEET_UNFIT',
  'FLASH_FILE_UNFIT',
  'NO_WORKBENCH',
  'DATA_DIR_BUSY',
  'DATA_DIR_UNUSABLE',
  'PORT_UNUSABLE',
])

/**
 * Runs one command to its end: prints the outcome or the error as `--json` asks and sets the exit
 * code. Progress and notes go to stderr, so stdout holds the outcome and nothing else.
 */
export async function runCommand(
  options: { readonly json?: boolean | undefined },
  action: (context: CommandContext) => Promise<Outcome>,
): Promise<void> {
  const interruption = new AbortController()
  const interrupt = () => interruption.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const progress = new ProgressLine(process.stderr)
  const note = (line: string) => {
    progress.clear()
    process.stderr.write(`${oneLine(line)}\n`)
  }
  try {
    const outcome = await action({ signal: interruption.signal, progress, note })
    progress.clear()
    if (options.json) process.stdout.write(`${JSON.stringify(outcome.json)}\n`)
    else if (outcome.text !== '') process.stdout.write(`${outcome.text}\n`)
    process.exitCode = outcome.exitCode
  } catch (error) {
    progress.clear()
    report(error, options.json === true)
    process.exitCode = interruption.signal.aborted ? EXIT_INTERRUPTED : exitCodeOf(error)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

function exitCodeOf(error: unknown): number {
  return BAD_INPUT.has(codeOf(error)) ? EXIT_BAD_INPUT : EXIT_FAILED
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'INTERNAL'
}

/** With `--json` the error is the document (decision 0005); one line on stderr says it as well. */
export function report(error: unknown, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  const data = error instanceof Error && 'data' in error ? error.data : {}
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, data } })}\n`)
  process.stderr.write(`kintsugi: ${oneLine(message)}\n`)
  const isDefect = code === 'INTERNAL' && !(error instanceof CodedError)
  if (isDefect && process.env['KINTSUGI_DEBUG'] && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`)
  }
}

/** Arguments and names of files may hold anything; a line on stderr stays one line. */
function oneLine(text: string): string {
  return printableText(text, LINE_CHARACTERS_MAX)
}
