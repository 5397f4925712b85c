import { toHex } from '../../base/bytes'
import { printableText } from '../../base/printable'
import type { Message } from '../../observe/message'
import type { SmpPayload } from '../../wire/smp/packet'
import type { SmpPassage } from './smp-client'

/** A packet as the trace shows it, under a step of the restore sequence (spec 2.0.3). */
export function traceMessage(passage: SmpPassage, label: string): Message {
  const isRequest = passage.direction === 'sent'
  const type = `smp ${passage.command}`
  return {
    from: isRequest ? 'restore' : 'handset',
    to: isRequest ? 'handset' : 'restore',
    label,
    type: isRequest ? type : `${type} answer`,
    fields: fieldsOf(passage.packet.payload),
    outcome: isRequest ? 'sent' : passage.refused ? 'refused' : 'answered',
    payload: passage.bytes,
  }
}

/** Data by its length, a digest in hex, a list by its size, everything else as it is. */
function fieldsOf(payload: SmpPayload): Message['fields'] {
  const fields: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(payload)) {
    const name = printableText(key)
    if (name === 'data' && value instanceof Uint8Array) fields['bytes'] = value.length
    else if (value instanceof Uint8Array) fields[name] = toHex(value)
    else if (Array.isArray(value)) fields[name] = value.length
    else if (typeof value === 'string') fields[name] = printableText(value)
    else if (typeof value === 'number' || typeof value === 'boolean') fields[name] = value
  }
  return fields
}
