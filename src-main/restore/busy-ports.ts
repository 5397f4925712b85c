import { CodedError } from '../base/coded-error'
import { parseLink } from '../contract/link-address'

/** Where a link leads, whatever its rate. */
export function portOf(link: string): string {
  const address = parseLink(link)
  return address.kind === 'serial' ? `serial:${address.path}` : link
}

/** A port belongs to one restore at a time. */
export class BusyPorts {
  readonly #ports = new Set<string>()

  /** Returns the release. Throws `LINK_BUSY`. */
  take(link: string): () => void {
    const port = portOf(link)
    if (this.#ports.has(port)) {
      const message = `${link} is in use by another restore. Wait for its end or cancel it.`
      throw new CodedError('LINK_BUSY', message, { link })
    }
    this.#ports.add(port)
    return () => void this.#ports.delete(port)
  }
}
