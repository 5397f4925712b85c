import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { parseLink } from '../contract/link-address'
import type { ByteLink, LinkOpener } from './byte-link'
import { openSerial } from './serial-link'
import { openTcp } from './tcp-link'

export interface LinkCarriers {
  readonly clock: Clock
  virtual(name: string): Promise<ByteLink>
}

/** The opener of a workbench, which knows its own virtual handsets by name. */
export function createLinkOpener(carriers: LinkCarriers): LinkOpener {
  return async link => {
    const address = parseLink(link)
    switch (address.kind) {
      case 'serial':
        refuseVirtualTime(carriers.clock, link)
        return openSerial(address)
      case 'tcp':
        refuseVirtualTime(carriers.clock, link)
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

/** Virtual time would run out on every answer before a real line has carried it. */
function refuseVirtualTime(clock: Clock, link: string): void {
  if (clock.kind === 'real') return
  const message =
    `${link} is a real line, which virtual time does not wait for. ` +
    'Use virtual:NAME, or a workbench on the real clock.'
  throw new CodedError('OPTION_UNFIT', message, { link })
}
