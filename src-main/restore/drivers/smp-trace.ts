import { toHex } from '../../base/bytes'
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
  for (const [name, value] of Object.entries(payload)) {
    if (name === 'data' && value instanceof Uint8Array) fields['bytes'] = value.length
    else if (value instanceof Uint8Array) fields[name] = toHex(value)
    else if (Array.isArray(value)) fields[name] = value.length
    else if (isPlain(value)) fields[name] = value
  }
  return fields
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
