import { CodedError, type ErrorData } from '../../../src-main/base/coded-error'
import { readImage } from '../../../src-main/wire/image/read-image'

/** The refusal of a file; undefined where it is taken for an image. */
export function refusalOf(file: Uint8Array): CodedError | undefined {
  try {
    readImage(file)
    return undefined
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
}

/** What is done to a file, and which place its refusal names in what words. */
export type DamageCase = [kind: string, file: Uint8Array, sentence: string, place: ErrorData]

/** What the refusal of a damaged file must be. */
export function damage(format: string, sentence: string, data: ErrorData): object {
  const message = `The ${format} file is damaged at ${sentence}. Fetch or build it again.`
  return { code: 'IMAGE_DAMAGED', message, data }
}
