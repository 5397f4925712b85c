import { CodedError, type ErrorData } from '../../base/coded-error'

export type FormatName = 'Intel HEX' | 'SREC' | 'UF2' | 'ELF'

/** A place in a file, in the words a person looks it up by and as facts for a script. */
export interface Place {
  readonly words: string
  readonly data: ErrorData
}

export function inLine(line: number, offset: number): Place {
  return { words: `line ${line}`, data: { line, offset } }
}

export function inBlock(block: number, offset: number): Place {
  return { words: `block ${block} (byte ${offset})`, data: { block, offset } }
}

export function atByte(offset: number): Place {
  return { words: `byte ${offset}`, data: { offset } }
}

/** The file is of this format, but not whole or not consistent. */
export function damaged(format: FormatName, place: Place, fact: string): CodedError {
  const message = `The ${format} file is damaged at ${place.words}: ${fact}. Fetch or build it again.`
  return new CodedError('IMAGE_DAMAGED', message, place.data)
}

/** The file is whole, perhaps, but nothing that a handset could run. */
export function foreign(found: string, advice: string): CodedError {
  return new CodedError('IMAGE_FOREIGN', `The file is ${found}. ${advice}`, { found })
}
