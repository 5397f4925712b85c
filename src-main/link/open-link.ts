import { CodedError } from '../base/coded-error'
import { parseLink } from '../contract/link-address'
import type { ByteLink, LinkOpener } from './byte-link'
import { openSerial } from './serial-link'
import { openTcp } from './tcp-link'

/** The opener of a workbench, which knows its own virtual handsets by name. */
export function createLinkOpener(carriers: {
  virtual(name: string): Promise<ByteLink>
}): LinkOpener {
  return async link => {
    const address = parseLink(link)
    switch (address.kind) {
      case 'serial':
        return openSerial(address)
      case 'tcp':
        return openTcp(address)
      case 'virtual':
        return carriers.virtual(address.name)
      case 'tcp-listen': {
        const message = `"${link}" is for the device's side; here write tcp:HOST:PORT.`
        throw new CodedError('BAD_LINK', message, { link })
      }
    }
  }
}
