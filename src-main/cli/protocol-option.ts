import { CodedError } from '../base/coded-error'
import { protocol, type ProtocolChoice } from '../contract/restore'

/** Reads `--protocol`. Throws `OPTION_UNFIT` for what this version does not speak. */
export function readProtocol(text: string): ProtocolChoice {
  const choice = protocol.safeParse(text)
  if (choice.success) return choice.data
  const known = protocol.options.join(', ')
  const message = `--protocol ${text}: this version does not speak it. It speaks ${known}.`
  throw new CodedError('OPTION_UNFIT', message, { protocol: text })
}
