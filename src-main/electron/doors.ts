import type { IpcMainEvent, Session, WebContents } from 'electron'
import { isLoopbackPage, isOwnPage, OWN_ORIGIN } from './own-page'

/** What the page may use of the browser besides itself: ports are opened by the main process. */
const PERMITTED = new Set(['clipboard-sanitized-write'])

export function isPermitted(permission: string, address: string): boolean {
  return PERMITTED.has(permission) && isOwnPage(address)
}

export function restrictSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(isPermitted(permission, requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) =>
    isPermitted(permission, origin),
  )
  session.setDevicePermissionHandler(() => false)
}

/**
 * The page stays where it is: no other page in its place, none in it, none beside it. A link to a
 * page on this machine, such as those of mails in the mailbox, opens in the person's own browser.
 */
export function restrictContents(
  contents: WebContents,
  openOutside: (address: string) => unknown,
): void {
  const stay = (event: { readonly url: string; preventDefault(): void }) => {
    if (!isOwnPage(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isLoopbackPage(url)) openOutside(url)
    return { action: 'deny' }
  })
}

type Sender = Pick<IpcMainEvent, 'senderFrame' | 'sender'>

/** Whether a message comes from the page itself, not from a frame in it or one that has gone. */
export function isOwnSender({ senderFrame, sender }: Sender): boolean {
  return senderFrame?.origin === OWN_ORIGIN && senderFrame === sender.mainFrame
}
