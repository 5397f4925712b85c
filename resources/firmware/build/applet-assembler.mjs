// Turns an applet's source into byte code for `src/applet_runtime.c`.

/**
 * In the order of their codes. The letter says what follows: a number, a variable, a label or a
 * text.
 */
export const INSTRUCTIONS = [
  ['halt', ''],
  ['push', 'n'],
  ['load', 'v'],
  ['store', 'v'],
  ['loadat', 'v'],
  ['storeat', 'v'],
  ['add', ''],
  ['subtract', ''],
  ['multiply', ''],
  ['divide', ''],
  ['modulo', ''],
  ['equal', ''],
  ['less', ''],
  ['and', ''],
  ['or', ''],
  ['not', ''],
  ['jump', 'l'],
  ['jump_if', 'l'],
  ['call', 'l'],
  ['return', ''],
  ['key', ''],
  ['wait', ''],
  ['random', ''],
  ['clear', 'n'],
  ['cell', ''],
  ['setcell', ''],
  ['score', ''],
  ['flash', ''],
  ['message', 't'],
]
const MAX_BYTES = 0x7fff

export function assemble(source, file) {
  const words = wordsOf(source)
  const variables = new Map()
  const labels = new Map()
  const holes = []
  const code = []
  let name = ''
  let memory = 0
  const fail = what => {
    throw new Error(`${file}: ${what}`)
  }
  const operand = {
    n: word => code.push(Number(word) & 255, Number(word) >> 8),
    v: word => code.push(...word16(variables.get(word) ?? fail(`no variable ${word}`))),
    l: word => {
      holes.push({ at: code.length, label: word })
      code.push(0, 0)
    },
    t: word => code.push(word.length, ...Buffer.from(word, 'latin1')),
  }
  while (words.length > 0) {
    const word = words.shift()
    const opcode = INSTRUCTIONS.findIndex(([mnemonic]) => mnemonic === word)
    if (word === 'name') name = words.shift()
    else if (word === 'var') {
      variables.set(words.shift(), memory)
      memory += Number(words.shift())
    } else if (word.endsWith(':')) labels.set(word.slice(0, -1), code.length)
    else if (opcode < 0) fail(`no instruction ${word}`)
    else {
      code.push(opcode)
      const [, kind] = INSTRUCTIONS[opcode]
      if (kind !== '') operand[kind](words.shift())
    }
  }
  for (const { at, label } of holes) {
    const [low, high] = word16(labels.get(label) ?? fail(`no label ${label}`))
    code[at] = low
    code[at + 1] = high
  }
  if (code.length > MAX_BYTES) fail('the applet is too long')
  return { name, memory, code }
}

function word16(number) {
  return [number & 255, number >> 8]
}

function wordsOf(source) {
  return source
    .split('\n')
    .map(line => line.replace(/;.*$/, ''))
    .flatMap(line => line.match(/"[^"]*"|\S+/g) ?? [])
    .map(word => word.replace(/^"(.*)"$/, '$1'))
}
