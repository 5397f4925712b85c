/** One call is small: bulk bytes go by upload. */
export const FRAME_CHARACTERS_MAX = 1024 * 1024

const REQUEST = 1
const ABORT = 4
const ID_CHARACTERS_MAX = 64

/**
 * Says in words why something is no frame of a caller; undefined for a proper one. A frame is the
 * JSON text of `{ i: id, p: { u: path, b?: input, h?: headers, m?: method } }` for a call, or of
 * `{ i: id, t: 4 }` where its caller leaves it. Callers send no streams and no binary frames.
 */
export function frameFault(frame: unknown): string | undefined {
  if (typeof frame !== 'string') return 'a frame must be text'
  if (frame.length > FRAME_CHARACTERS_MAX) {
    return `a frame has at most ${FRAME_CHARACTERS_MAX} characters`
  }
  const message = parse(frame)
  if (!isRecord(message)) return 'a frame must be a JSON object'
  const { i: id, t: type = REQUEST, p: payload } = message
  if (typeof id !== 'string' || id.length > ID_CHARACTERS_MAX) return '"i" must be a short string'
  if (type === ABORT) return undefined
  if (type !== REQUEST) return '"t" must be 1 (call) or 4 (leave)'
  return isRecord(payload) ? requestFault(payload) : '"p" must be an object'
}

function requestFault({ u: path, h: headers = {}, m: method = 'POST' }: Fields) {
  if (typeof path !== 'string' || !path.startsWith('/') || !URL.canParse(path, 'http://orpc')) {
    return '"u" must be the path of a call'
  }
  if (method !== 'POST' && method !== 'GET') return '"m" must be POST or GET'
  const areHeaders = isRecord(headers) && Object.values(headers).every(isText)
  return areHeaders ? undefined : '"h" must hold texts'
}

type Fields = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
