import { CodedError } from '../base/coded-error'
import {
  encodingChoice,
  protocol,
  type EncodingChoice,
  type ProtocolChoice,
} from '../contract/restore'

/** Reads `--protocol`. Throws `OPTION_UNFIT` for what this version does not speak. */
export function readProtocol(text: string): ProtocolChoice {
  const choice = protocol.safeParse(text)
  if (choice.success) return choice.data
  const known = protocol.options.join(', ')
  const message = `--protocol ${text}: this version does not speak it. It speaks ${known}.`
  throw new CodedError('OPTION_UNFIT', message, { protocol: text })
}

/** Reads `--encoding` of the side that asks. Throws `USAGE`. */
export function readEncoding(text: string): EncodingChoice {
  const choice = encodingChoice.safeParse(text)
  if (choice.success) return choice.data
  throw wrongEncoding(text, encodingChoice.options)
}

/** What is wrong with an `--encoding`, and what can be written. */
export function wrongEncoding(text: string, known: readonly string[]): CodedError {
  return new CodedError('USAGE', `--encoding ${text}: write ${known.join(', ')}.`, {
    encoding: text,
  })
}
