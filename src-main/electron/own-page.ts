/** Origin of the window's page, as Chromium writes it. */
export const OWN_ORIGIN = 'app://workbench'

/** Node gives schemes of one's own the origin "null", so scheme and host are compared instead. */
export function isOwnPage(address: string): boolean {
  const url = URL.parse(address)
  return (
    url !== null &&
    `${url.protocol}//${url.host}` === OWN_ORIGIN &&
    url.username === '' &&
    url.password === ''
  )
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Whether it is a page of a server on this machine, such as the one that a manager answers on. */
export function isLoopbackPage(address: string): boolean {
  const url = URL.parse(address)
  return (
    url !== null &&
    url.protocol === 'http:' &&
    LOOPBACK.has(url.hostname) &&
    url.username === '' &&
    url.password === ''
  )
}
