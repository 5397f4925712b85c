import { readFileSync } from 'node:fs'
import type { Encoding } from '../../../src-main/contract/restore'
import { SMP_ENCODINGS } from '../../../src-main/wire/smp/encodings'
import { decodePacket, type SmpPacket } from '../../../src-main/wire/smp/packet'

/** One side speaks, or nobody does for a while. */
export type Step =
  | {
      readonly from: 'host' | 'device'
      /** What the bytes mean as {@link describe} puts it, or in brackets what is wrong with them. */
      readonly says: string
      /** Bytes that come in one read each. */
      readonly reads: readonly Uint8Array[]
    }
  | { readonly from: 'nobody'; readonly milliseconds: number }

/** A conversation on a line, byte by byte. */
export interface Trace {
  readonly name: string
  readonly steps: readonly Step[]
}

/** The files of this folder, and how their packets lie on the line. */
export const NOTEBOOKS: readonly { readonly file: string; readonly encoding: Encoding }[] = [
  { file: 'host.trace', encoding: 'console' },
  { file: 'host-raw.trace', encoding: 'raw' },
  { file: 'restore-mode.trace', encoding: 'console' },
  { file: 'restore-mode-raw.trace', encoding: 'raw' },
  { file: 'software.trace', encoding: 'console' },
]

/** Reads the traces of a file of this folder; the file says how it is written. */
export function readNotebook(file: string): Trace[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const parts = new Map<string, readonly Step[]>()
  const traces: Trace[] = []
  for (const block of text.split(/\n(?=trace |part )/).slice(1)) {
    const [title = '', ...lines] = block.split('\n').filter(line => !/^(;|#|$)/.test(line))
    const steps = readSteps(lines, parts)
    if (title.startsWith('part ')) parts.set(title.slice('part '.length), steps)
    else traces.push({ name: title.slice('trace '.length), steps })
  }
  return traces
}

export function traceNamed(traces: readonly Trace[], name: string): Trace {
  const trace = traces.find(each => each.name === name)
  if (!trace) throw new Error(`There is no trace "${name}"`)
  return trace
}

function readSteps(lines: readonly string[], parts: ReadonlyMap<string, readonly Step[]>): Step[] {
  const steps: Step[] = []
  for (const [index, line] of lines.entries()) {
    const [word = '', rest = ''] = split(line)
    if (line.startsWith('  ')) continue
    if (word === 'include') {
      steps.push(...(parts.get(rest) ?? []))
    } else if (word === 'silence') {
      steps.push({ from: 'nobody', milliseconds: Number.parseInt(rest, 10) })
    } else if (word === 'host' || word === 'device') {
      const end = lines.findIndex((later, at) => at > index && !later.startsWith('  '))
      const wire = lines.slice(index + 1, end < 0 ? lines.length : end)
      steps.push({ from: word, says: rest, reads: wire.map(read => bytesOf(read.slice(2))) })
    } else {
      throw new Error(`A line of a trace makes no sense: ${line}`)
    }
  }
  return steps
}

function split(line: string): string[] {
  const at = line.indexOf(' ')
  return [line.slice(0, at), line.slice(at + 1)]
}

function bytesOf(text: string): Uint8Array {
  if (text.startsWith('hex ')) return new Uint8Array(Buffer.from(text.slice(4), 'hex'))
  const characters = text.replaceAll(/\\(x[0-9a-f]{2}|[nr\\])/g, (_, escape: string) => {
    if (escape === 'n') return '\n'
    if (escape === 'r') return '\r'
    return escape === '\\' ? '\\' : String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  })
  return new Uint8Array(Buffer.from(characters, 'latin1'))
}

const OPERATIONS = ['read', 'read answer', 'write', 'write answer']

/** The packets in the bytes of a line. */
export function packetsIn(bytes: Uint8Array, encoding: Encoding = 'console'): SmpPacket[] {
  const items = SMP_ENCODINGS[encoding].createParser().push(bytes)
  return items.flatMap(item => (item.kind === 'packet' ? [decodePacket(item.packet)] : []))
}

/** Packets in words: `write 1/1 #4 v0 {off: 0, data: 32 bytes}` is group 1, command 1, version 0. */
export function describe(packets: readonly SmpPacket[]): string {
  const words = packets.map(({ op, group, command, sequence, version, payload }) => {
    const older = version === 0 ? ' v0' : ''
    return `${OPERATIONS[op]} ${group}/${command} #${sequence}${older} ${wordsOf(payload)}`
  })
  return words.join(', ')
}

function wordsOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `[${value.map(wordsOf).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${wordsOf(each)}`)
  return `{${entries.join(', ')}}`
}
