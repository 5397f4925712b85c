import type { OpenAPI } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import { OpenAPIHandler } from '@orpc/openapi/fetch'
import type { Context } from '@orpc/server'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { contract } from '../contract'
import { refuseUnreadable, unknownCall } from './call-errors'
import type { WorkbenchRouter } from './router'

export const API_PREFIX = '/api'

/** Answers requests below `/api`, one path and method a procedure; streams as server-sent events. */
export class HttpCalls {
  readonly #handler: OpenAPIHandler<Context>
  readonly #version: string
  #document: Promise<unknown> | undefined

  constructor(router: WorkbenchRouter, version: string) {
    this.#version = version
    this.#handler = new OpenAPIHandler(router, { interceptors: [refuseUnreadable] })
  }

  async handle(request: Request): Promise<Response> {
    if (request.method === 'HEAD') return this.#handleHead(request)
    const { pathname } = new URL(request.url)
    if (pathname === `${API_PREFIX}/openapi.json` && request.method === 'GET') {
      this.#document ??= openApiDocument(this.#version)
      return Response.json(await this.#document)
    }
    const { matched, response } = await this.#handler.handle(request, { prefix: API_PREFIX })
    if (matched) return response
    const error = unknownCall(`${request.method} ${pathname}`)
    return Response.json(error.toJSON(), { status: error.status })
  }

  /** Everything of the answer to GET but its body, which may be a stream without end. */
  async #handleHead({ url, headers, signal }: Request): Promise<Response> {
    const answer = await this.handle(new Request(url, { headers, signal }))
    await answer.body?.cancel()
    return new Response(null, { status: answer.status, headers: answer.headers })
  }
}

/** The OpenAPI 3.1 description of every procedure, made from the contract itself. */
export async function openApiDocument(version: string): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  return generator.generate(contract, {
    info: { title: 'Kintsugi', version },
    servers: [{ url: API_PREFIX }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
    paths: {
      '/upload': { servers: [{ url: '/' }], post: UPLOAD },
      '/upload/package': { servers: [{ url: '/' }], post: PACKAGE_UPLOAD },
    },
  })
}

/** The requests that are no procedures, since their body is a file. */
const UPLOAD = {
  summary: 'Puts a firmware file into the image library and answers with a StoredImage',
  parameters: [{ name: 'name', in: 'query', required: true, schema: { type: 'string' } }],
  requestBody: {
    required: true,
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  },
  responses: {
    200: { description: 'The stored image' },
    default: { description: 'An error, in the same form as of every call' },
  },
} satisfies OpenAPI.OperationObject

const PACKAGE_UPLOAD = {
  ...UPLOAD,
  summary: 'Keeps a file that is no firmware image for a release; answers with a VendorPackage',
  responses: { ...UPLOAD.responses, 200: { description: 'The kept file' } },
} satisfies OpenAPI.OperationObject
