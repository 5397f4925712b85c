import type { TraceEntry } from '../../../src-main/contract/observe'
import { actorsOf, fieldsText, type Outcome } from './filter'
import { arrowOf, fitText, ladderOf, ROW } from './ladder'

/** One line a message, for reading and comparing. */
export function traceText(entries: readonly TraceEntry[]): string {
  return entries.map(entry => `${lineOf(entry)}\n`).join('')
}

function lineOf(entry: TraceEntry): string {
  const { sequence, at, from, to, label, type, bytes, digest, outcome } = entry
  const fields = fieldsText(entry)
  const parts = [
    `#${sequence}`,
    new Date(at).toISOString(),
    `${from} -> ${to}`,
    label === '' ? null : `[${label}]`,
    type,
    fields === '' ? null : `{${fields}}`,
    `${bytes} bytes`,
    digest === null ? null : `sha256=${digest}`,
    outcome,
  ]
  return parts.filter(part => part !== null).join(' ')
}

const MERMAID_ARROWS: Readonly<Record<Outcome, string>> = {
  sent: '->>',
  answered: '-->>',
  refused: '-x',
  lost: '-)',
  failed: '--x',
}

/** A sequence diagram for Mermaid. */
export function traceMermaid(entries: readonly TraceEntry[]): string {
  const actors = actorsOf(entries)
  const names = new Map(actors.map((actor, index) => [actor, `a${index}`]))
  const participants = actors.map(actor => `  participant ${names.get(actor)} as ${plain(actor)}`)
  const messages = entries.map(({ from, to, label, type, outcome }) => {
    const text = plain(label === '' ? type : `${label} ${type}`)
    return `  ${names.get(from)}${MERMAID_ARROWS[outcome]}${names.get(to)}: ${text}`
  })
  return `${['sequenceDiagram', ...participants, ...messages].join('\n')}\n`
}

/** Mermaid ends a statement at a semicolon, a hash begins an entity. */
function plain(text: string): string {
  return text.replaceAll(/[;#\r\n]/g, ' ')
}

const HEADER = 44
const WIDTH = 900
const COLOURS: Readonly<Record<Outcome, string>> = {
  sent: '#25588c',
  answered: '#1f6b3a',
  refused: '#a8261d',
  lost: '#8f4a00',
  failed: '#a8261d',
}

/** The diagram as a picture that stands alone, on white. */
export function traceSvg(entries: readonly TraceEntry[]): string {
  const ladder = ladderOf(actorsOf(entries), WIDTH)
  const height = HEADER + entries.length * ROW + 12
  const lifelines = ladder.actors.map(actor => {
    const x = ladder.x(actor)
    return (
      `<text x="${x}" y="24" text-anchor="middle" font-weight="600">${escape(actor)}</text>` +
      `<path d="M${x} 34V${height - 6}" stroke="#b9b6ae" fill="none"/>`
    )
  })
  const messages = entries.map((entry, index) => {
    const colour = COLOURS[entry.outcome]
    const arrow = arrowOf(entry, HEADER + index * ROW, ladder)
    const fill = arrow.isHeadFilled ? colour : 'none'
    const dash = arrow.isDashed ? ' stroke-dasharray="4 3"' : ''
    const text = escape(fitText(messageText(entry), arrow.room))
    return (
      `<g><title>${escape(lineOf(entry))}</title>` +
      `<text x="${arrow.textX}" y="${arrow.textY}" text-anchor="${arrow.textAnchor}">${text}</text>` +
      `<path d="${arrow.shaft}" stroke="${colour}" fill="none"${dash}/>` +
      `<path d="${arrow.head}" stroke="${colour}" fill="${fill}"/></g>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${ladder.width}" height="${height}" viewBox="0 0 ${ladder.width} ${height}" font-family="sans-serif" font-size="11" stroke-width="1.3">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...lifelines,
    ...messages,
    '</svg>\n',
  ].join('\n')
}

/** What stands on an arrow. */
export function messageText({ label, type }: Pick<TraceEntry, 'label' | 'type'>): string {
  return label === '' ? type : `${label}  ${type}`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, ' ')
}
