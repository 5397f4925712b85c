// Reads what is drawn with letters: fonts and icons.

const FIRST_CHARACTER = 0x20
const CHARACTERS = 95

/** Groups of `= names` and rows, in the order of the file; what stands before them is prose. */
function groupsOf(text) {
  const groups = []
  for (const line of text.split('\n')) {
    if (line.startsWith('= ')) groups.push({ title: line.slice(2), rows: [] })
    else if (line !== '') groups.at(-1)?.rows.push(line)
  }
  return groups
}

/** Glyphs of a font by their characters: rows of `#` and `.`. */
export function readGlyphs(text) {
  const glyphs = new Map()
  for (const { title, rows } of groupsOf(text)) {
    const names = title.split(' ')
    const columns = rows.map(row => row.split(' '))
    names.forEach((name, at) => {
      const drawn = columns.map(row => row[at])
      const width = drawn[0]?.length
      if (columns.some(row => row.length !== names.length)) {
        throw new Error(`font: the group "${title}" has rows with other numbers of glyphs`)
      }
      if (drawn.some(row => row.length !== width)) {
        throw new Error(`font: the rows of ${name} differ in width`)
      }
      glyphs.set(name === 'SPACE' ? ' ' : name, drawn)
    })
  }
  return glyphs
}

/** One byte a row, the leftmost pixel in bit 7. */
export function packFont(glyphs) {
  const rows = []
  const widths = []
  for (let code = FIRST_CHARACTER; code < FIRST_CHARACTER + CHARACTERS; code++) {
    const drawn = glyphs.get(String.fromCharCode(code))
    if (!drawn) throw new Error(`font: ${String.fromCharCode(code)} is not drawn`)
    for (const row of drawn) rows.push(parseInt(bits(row).padEnd(8, '0'), 2))
    widths.push(drawn[0].length)
  }
  return { rows, widths }
}

/** Two bytes a row, little-endian words with the leftmost pixel in bit 15. */
export function packDigits(glyphs) {
  return '0123456789:'.split('').map(name => ({
    width: glyphs.get(name)[0].length,
    rows: glyphs.get(name).map(row => parseInt(bits(row).padEnd(16, '0'), 2)),
  }))
}

function bits(row) {
  return row.replaceAll('#', '1').replaceAll('.', '0')
}

/** Icons by their names, as indices into a palette; index 0 is transparent. */
export function readIcons(text, version) {
  const letters = ['.']
  const palette = [0]
  for (const [, letter, colour] of text.matchAll(/^palette (\S) ([0-9a-f]{6})$/gm)) {
    letters.push(letter)
    palette.push(rgb565(parseInt(colour, 16)))
  }
  const icons = groupsOf(text).flatMap(({ title, rows }) => {
    const [name, , since] = title.split(' ')
    if (since !== undefined && isOlder(version, since)) return []
    const pixels = rows.map(row => [...row].map(letter => indexOf(letters, letter, name)))
    return [{ name, pixels }]
  })
  return { palette, icons }
}

function indexOf(letters, letter, name) {
  const index = letters.indexOf(letter)
  if (index < 0) throw new Error(`icon ${name}: no palette line names "${letter}"`)
  return index
}

function isOlder(version, since) {
  const [one, other] = [version, since].map(text => text.split('.').map(Number))
  const at = one.findIndex((number, place) => number !== other[place])
  return at >= 0 && one[at] < other[at]
}

export function rgb565(rgb) {
  const [red, green, blue] = [rgb >> 16, (rgb >> 8) & 255, rgb & 255]
  return ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3)
}
