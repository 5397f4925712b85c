import { CodedError } from '../base/coded-error'
import type { HandsetUpdate } from '../contract/handsets'
import type { Handset } from '../handset/handset'

/** The origin of a carrier's server. Throws a CodedError `USAGE`. */
export function readCarrier(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isServer = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url && isServer && url.pathname === '/' && url.search === '' && url.username === '') {
    return url.origin
  }
  const message = `--carrier ${text}: write the address of a carrier's server, such as http://127.0.0.1:8080.`
  throw new CodedError('USAGE', message, { carrier: text })
}

/**
 * Asks for an update once after every start: when the software runs, or when the handset needs the
 * file of a rewrite that was cut off. Returns the end of that.
 */
export function askAfterStarts(handset: Handset): () => void {
  let before = handset.state
  return handset.onChange(() => {
    const last = before
    before = handset.state
    const runs = last === 'starting' && before === 'normal'
    const needsFile = last === 'off' && before === 'needs-file'
    if (runs || needsFile) handset.startUpdate()
  })
}

/** Says in one line how each update ends, and what became of it after a power cut. Returns the end of that. */
export function tellUpdates(handset: Handset, note: (line: string) => void): () => void {
  let told = ''
  return handset.onChange(() => {
    const { update } = handset
    if (!update || update.endedAt === null) return
    // What a power cut ended may be judged sound after the next start.
    const news = `${update.startedAt} ${update.outcome}`
    if (news === told) return
    told = news
    note(`update: ${updateText(update)}`)
  })
}

/** `updated to kintsugi-k1 1.1.0 (differential, 491 bytes)`, or why not. */
export function updateText({ outcome, message, target, kind, fileBytes }: HandsetUpdate): string {
  if (outcome !== 'updated') return [outcome, message].filter(part => part !== null).join(': ')
  const to = target ? ` to ${target.name} ${target.version}` : ''
  return `updated${to} (${kind}, ${fileBytes} bytes)`
}
