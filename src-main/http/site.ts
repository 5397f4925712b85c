import { Hono } from 'hono'
import type { DefectLog } from '../rpc/call-errors'
import { API_PREFIX } from '../rpc/http'
import { errorResponse } from './error-answer'
import { PACKAGE_UPLOAD_PATH, UPLOAD_PATH } from './guard'
import { secured } from './security-headers'
import { serveFile } from './static-files'
import { answerPackageUpload, answerUpload, type StoreImage, type StorePackage } from './upload'

export interface SiteOptions {
  /** The built window. */
  readonly rendererDir: string
  readonly store: StoreImage
  readonly storePackage: StorePackage
  readonly logDefect: DefectLog
  /** Answers below `/api`, where the host has that way in. */
  readonly api?: (request: Request) => Promise<Response>
}

/** What a host serves to its window: its files, the upload of images, and calls by HTTP. */
export function createSite(options: SiteOptions): Hono {
  const { rendererDir, store, storePackage, logDefect, api } = options
  const site = new Hono()
  site.use(async (context, next) => {
    await next()
    context.res = secured(context.res)
  })
  if (api) site.all(`${API_PREFIX}/*`, context => api(context.req.raw))
  site.post(UPLOAD_PATH, context => answerUpload(context.req.raw, store, logDefect))
  site.post(PACKAGE_UPLOAD_PATH, context =>
    answerPackageUpload(context.req.raw, storePackage, logDefect),
  )
  site.get('*', context => serveFile(rendererDir, new URL(context.req.url).pathname))
  site.notFound(context =>
    errorResponse({
      status: 405,
      code: 'METHOD_REFUSED',
      message: `${context.req.method} is not served here.`,
    }),
  )
  site.onError((error, context) => {
    logDefect(error, context.req.path)
    const message = 'Kintsugi failed at this request; its log says more.'
    return errorResponse({ status: 500, code: 'INTERNAL', message })
  })
  return site
}
