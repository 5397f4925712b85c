const NAME_CHARACTERS_MAX = 255

/**
 * The last part of a path, of any system, without control characters and without those that turn
 * the direction of writing: a name is shown, and must not make a line say something else. Where
 * nothing is left, `nameless`.
 */
export function plainName(name: string, nameless: string): string {
  const base = name.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const visible = base.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '').trim()
  const short = shortened(visible)
  return short === '' || short === '.' || short === '..' ? nameless : short
}

/** At most 255 UTF-16 units, with no character cut in half. */
function shortened(text: string): string {
  const cut = text.slice(0, NAME_CHARACTERS_MAX)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
