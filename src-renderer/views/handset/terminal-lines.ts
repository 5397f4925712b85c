/** A line of the terminal: what a handset printed, or SMP frames between it. */
export type TerminalLine =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'frames'; readonly frames: number; readonly bytes: number }

const LINE_FEED = 0x0a
/** First two bytes of a line that begins an SMP frame, and of one that goes on with it. */
const FRAME_MARK = [0x06, 0x09] as const
const PART_MARK = [0x04, 0x14] as const
/** Longer lines are broken: what is no text may have no line end at all. */
const CHARACTERS_MAX = 512
const ESCAPE = String.fromCharCode(0x1b)
const ESCAPE_SEQUENCE = new RegExp(`${ESCAPE}\\[[0-?]*[ -/]*[@-~]`, 'g')
const CONTROL = /\p{Cc}/gu
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]/gu

const decoder = new TextDecoder()

/** Text as a terminal shows it; SMP frames, which share the line, folded to one line a run. */
export function foldedLines(bytes: Uint8Array): TerminalLine[] {
  const lines: TerminalLine[] = []
  for (const line of linesOf(bytes)) {
    const mark = markIn(line)
    if (mark === -1) addText(lines, shownText(line))
    else {
      if (mark > 0) addText(lines, shownText(line.subarray(0, mark)))
      addFrame(lines, line.subarray(mark))
    }
  }
  return lines
}

/** Every byte, those of SMP frames too; control characters as their pictures. */
export function rawLines(bytes: Uint8Array): TerminalLine[] {
  const lines: TerminalLine[] = []
  for (const line of linesOf(bytes)) addText(lines, decoder.decode(line).replace(/\n$/, ''))
  return lines
}

/** The lines as a text file. */
export function linesText(
  lines: readonly TerminalLine[],
  ofFrames: (line: Extract<TerminalLine, { kind: 'frames' }>) => string,
): string {
  return lines.map(line => `${line.kind === 'text' ? line.text : ofFrames(line)}\n`).join('')
}

/** Lines with their line ends; the last one may have none yet. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf(LINE_FEED, start)
    const next = end === -1 ? bytes.length : end + 1
    yield bytes.subarray(start, next)
    start = next
  }
}

function markIn(line: Uint8Array): number {
  for (let at = 0; at + 1 < line.length; at++) {
    if (isMark(line, at, FRAME_MARK) || isMark(line, at, PART_MARK)) return at
  }
  return -1
}

function isMark(line: Uint8Array, at: number, [first, second]: readonly [number, number]): boolean {
  return line[at] === first && line[at + 1] === second
}

function addFrame(lines: TerminalLine[], line: Uint8Array): void {
  const last = lines.at(-1)
  const isFirst = isMark(line, 0, FRAME_MARK)
  if (last?.kind !== 'frames') {
    lines.push({ kind: 'frames', frames: 1, bytes: line.length })
    return
  }
  const frames = last.frames + (isFirst ? 1 : 0)
  lines.splice(-1, 1, { kind: 'frames', frames, bytes: last.bytes + line.length })
}

/** What is left of a line on a terminal: without colours, and without what was written over. */
function shownText(line: Uint8Array): string {
  const text = decoder.decode(line).replace(/\r*\n$/, '')
  const plain = text.replaceAll(ESCAPE_SEQUENCE, '')
  return plain.slice(plain.lastIndexOf('\r', plain.length - 2) + 1).replace(/\r$/, '')
}

function addText(lines: TerminalLine[], text: string): void {
  const visible = text
    .replaceAll('\t', '    ')
    .replaceAll(CONTROL, picture)
    .replaceAll(INVISIBLE, '\uFFFD')
  for (let at = 0; at === 0 || at < visible.length; at += CHARACTERS_MAX) {
    lines.push({ kind: 'text', text: visible.slice(at, at + CHARACTERS_MAX) })
  }
}

/** U+2400 and on are pictures of the control characters of ASCII. */
function picture(control: string): string {
  const code = control.charCodeAt(0)
  if (code === 0x7f) return '\u2421'
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
}
