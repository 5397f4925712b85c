import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { formatLink, type LinkAddress } from '../contract/link-address'
import type { Handset } from '../handset/handset'
import { throttleLink } from '../handset/link-throttle'
import type { ByteLink } from '../link/byte-link'
import { openSerial } from '../link/serial-link'
import { listenTcp, openTcp } from '../link/tcp-link'

export interface LineParts {
  readonly address: LinkAddress
  readonly handset: Handset
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
  /** The line is there, and whoever is at its other end is heard. */
  onReady(line: string): void
  /** So many bytes came faster than the line carries them, and found no place to wait. */
  readonly onLost: (bytes: number) => void
}

/**
 * Keeps a handset at the end of a line until the signal. Rejects with a LINK_… code where the line
 * cannot be had, and `LINK_LOST` where it goes away; who listens takes one caller after another.
 */
export async function holdLine(parts: LineParts): Promise<void> {
  const { address, clock, onLost } = parts
  switch (address.kind) {
    case 'serial': {
      const { baud } = address
      // A pseudo-terminal carries bytes at any speed; a handset's line does not.
      return hold(parts, throttleLink(await openSerial(address), { baud, clock, onLost }))
    }
    case 'tcp':
      return hold(parts, await openTcp(address))
    case 'tcp-listen':
      return listen(parts, address)
    case 'virtual': {
      const link = formatLink(address)
      const message = `${link} names a handset of a workbench; here write serial:PATH or tcp-listen:HOST:PORT.`
      throw new CodedError('BAD_LINK', message, { link })
    }
  }
}

async function hold(parts: LineParts, link: ByteLink): Promise<void> {
  parts.handset.attach(link)
  parts.onReady(link.name)
  const cause = await endOf(link, parts.signal)
  await link.close()
  if (cause) throw cause
}

async function listen(
  parts: LineParts,
  address: { readonly host: string; readonly port: number },
): Promise<void> {
  const listener = await listenTcp(address)
  const stop = () => listener.close()
  parts.signal.addEventListener('abort', stop)
  parts.onReady(formatLink({ kind: 'tcp-listen', host: listener.host, port: listener.port }))
  if (parts.signal.aborted) stop()
  for await (const link of listener) {
    parts.handset.attach(link)
    await endOf(link, parts.signal)
    await link.close()
  }
}

/** Why a link ended; null where it was the signal. */
function endOf(link: ByteLink, signal: AbortSignal): Promise<CodedError | null> {
  return new Promise(resolve => {
    const stop = () => end(null)
    const end = (cause: CodedError | null) => {
      signal.removeEventListener('abort', stop)
      resolve(cause)
    }
    signal.addEventListener('abort', stop)
    link.onClose(end)
    if (signal.aborted) stop()
  })
}
