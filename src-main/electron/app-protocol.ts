import { errorResponse } from '../http/error-answer'
import { secured } from '../http/security-headers'
import { createSite, type SiteOptions } from '../http/site'
import { isOwnPage } from './own-page'

/** Privileges of `app:`: a secure origin of its own, with fetch. Set before Electron is ready. */
export const APP_SCHEME = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
}

/** Answers requests of the window: the same files and the same upload as on loopback. */
export function createAppHandler(
  options: Omit<SiteOptions, 'api'>,
): (request: Request) => Promise<Response> {
  const site = createSite(options)
  return async request => {
    if (isOwnPage(request.url)) return site.fetch(request)
    const message = 'Only app://workbench is served.'
    return secured(errorResponse({ status: 404, code: 'NOT_FOUND', message }))
  }
}
