import { printableText } from '../base/printable'
import type { LogLine, RestoreView } from '../contract/restore'

/** One restore as `--json` shows it (scripts rely on the names; more may join). */
export function resultJson(view: RestoreView) {
  return {
    link: view.link,
    result: view.result,
    protocol: view.protocol,
    device: view.device?.device ?? null,
    encoding: view.device?.encoding ?? null,
    bytes: view.doneBytes,
    resumedFrom: view.resumedFrom,
    startedOver: view.startedOver,
    seconds: view.seconds,
    bytesPerSecond: view.bytesPerSecond,
    lineRateRatio: view.lineRateRatio,
    sha256: view.sha256,
    verified: view.verified,
    retries: view.retries,
    error: view.error,
  }
}

/** The one line of a restore that failed; undefined for any other. */
export function failureText(view: RestoreView): string | undefined {
  return view.error ? `${view.link}: ${view.result}. ${view.error.message}` : undefined
}

/** The same for people. */
export function resultText(view: RestoreView): string {
  const proof = view.verified ? 'verified' : 'not verified'
  const head = `${view.link}: ${view.result}, ${proof}`
  if (view.error) return `${head}. ${view.error.message}`
  if (view.result === 'up-to-date') return `${head}. Nothing had to be sent.`
  const rate = `${(view.bytesPerSecond / 1024).toFixed(1)} KiB/s`
  const share =
    view.lineRateRatio === null ? '' : `, ${Math.round(view.lineRateRatio * 100)} % of the line`
  const resumed = view.resumedFrom === null ? '' : `, taken up at byte ${view.resumedFrom}`
  const retries = view.retries === 0 ? '' : `, ${view.retries} sent again`
  return `${head}: ${view.doneBytes} bytes at ${rate}${resumed}${share}${retries}.\nSHA-256 ${view.sha256}`
}

export function logText(view: RestoreView, lines: readonly LogLine[]): string {
  const name = printableText(view.image.name)
  const head = `${view.link}: ${name}, ${view.image.bytes} bytes, SHA-256 ${view.sha256}`
  const body = lines.map(({ at, level, text }) => {
    const mark = level === 'warning' ? 'warning: ' : ''
    return `${new Date(at).toISOString()} ${mark}${text}`
  })
  return `${[head, ...body, resultText(view)].join('\n')}\n`
}
