/** Control characters, invisible marks that change the direction of text, line ends, half pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const CHARACTERS_MAX = 1024

/**
 * Text of others as one line that cannot do anything to a terminal or to the text around it. Tabs
 * become spaces, whatever else has no shape becomes U+FFFD, and the end of a long text is cut off.
 */
export function printableText(text: string, charactersMax: number = CHARACTERS_MAX): string {
  const bounded = text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text
  return bounded.replaceAll('\t', ' ').replaceAll(UNPRINTABLE, '\uFFFD')
}
