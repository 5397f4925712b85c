import { isUint8Array } from 'node:util/types'
import { CodedError } from '../base/coded-error'

/** A file on its way into the image library. */
export interface NewImage {
  /** As the sender calls the file; a path is cut to its last part. */
  readonly name: string
  readonly content: Uint8Array | AsyncIterable<Uint8Array>
}

/**
 * Looks at what a script gave before anything is taken from it. Throws `BAD_REQUEST`, and so does
 * the content where it breaks off or a piece of it is something else than bytes.
 */
export function newImage(name: unknown, content: unknown): NewImage {
  if (typeof name !== 'string') throw refusal('name', 'must be a text')
  if (isUint8Array(content)) return { name, content }
  if (isAsyncIterable(content)) return { name, content: bytesOf(content) }
  throw refusal('content', 'must be a Uint8Array or an async iterable of them')
}

async function* bytesOf(content: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of content) {
      if (!isUint8Array(piece)) throw refusal('content', 'must come in pieces of Uint8Array')
      yield piece
    }
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw refusal('content', `broke off: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function refusal(field: string, problem: string): CodedError {
  const message = `upload: "${field}" is wrong: ${problem}.`
  return new CodedError('BAD_REQUEST', message, { call: 'upload', field, problem })
}
