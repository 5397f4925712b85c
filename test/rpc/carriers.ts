import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient, type ClientLink } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { createRouterClient } from '@orpc/server'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { contract, type WorkbenchClient } from '../../src-main/contract'
import { startLoopbackServer, type LoopbackServer } from '../../src-main/http/loopback-server'
import { FrameHandler } from '../../src-main/rpc/frame-line'
import { inProcessClient } from '../../src-main/rpc/in-process'
import { serveMessagePort } from '../../src-main/rpc/message-port'
import { createRouter, type WorkbenchRouter } from '../../src-main/rpc/router'
import type { WorkbenchServices } from '../../src-main/rpc/services'

/** One connection of one carrier to a router. */
export interface Carrier {
  readonly client: WorkbenchClient
  /** Calls by a path that need not be in the contract. */
  call(path: readonly string[]): Promise<unknown>
  leave(): Promise<void>
}

export interface CarrierKind {
  readonly name: string
  /** Starts the main process's side. */
  readonly start: (
    router: WorkbenchRouter,
  ) => Promise<{ open(): Promise<Carrier>; stop(): Promise<void> }>
  /** What a call that does not exist ends with. */
  readonly noSuchCall: unknown
}

const NOT_FOUND: unknown = expect.objectContaining({
  code: 'NOT_FOUND',
  message: expect.stringMatching(/^There is no call "/),
})

export const carrierKinds: readonly CarrierKind[] = [
  {
    name: 'in process',
    start: async router => ({
      open: async () => ({
        client: inProcessClient(router),
        call: async path => walk(createRouterClient(router), path),
        leave: async () => {},
      }),
      stop: async () => {},
    }),
    noSuchCall: expect.any(TypeError),
  },
  {
    name: 'message port',
    async start(router) {
      const handler = new FrameHandler(router)
      return {
        open: async () => openPort(handler),
        stop: async () => {},
      }
    },
    noSuchCall: NOT_FOUND,
  },
  {
    name: 'WebSocket',
    async start(router) {
      const server = await startServer(router)
      return { open: () => openSocket(server), stop: () => server.close() }
    },
    noSuchCall: NOT_FOUND,
  },
  {
    name: 'HTTP',
    async start(router) {
      const server = await startServer(router)
      return { open: async () => openHttp(server), stop: () => server.close() }
    },
    noSuchCall: NOT_FOUND,
  },
]

export function routerOf(services: WorkbenchServices, defects: unknown[] = []): WorkbenchRouter {
  return createRouter(services, { logDefect: error => defects.push(error) })
}

export function startServer(
  router: WorkbenchRouter,
  options: Partial<Parameters<typeof startLoopbackServer>[0]> = {},
): Promise<LoopbackServer> {
  return startLoopbackServer({
    router,
    rendererDir: tmpdir(),
    version: '0.0.0',
    store: () => Promise.reject(new Error('no images in this test')),
    storePackage: () => Promise.reject(new Error('no packages in this test')),
    logDefect: error => {
      throw error
    },
    ...options,
  })
}

/** A raw port whose other end is served. */
export function portTo(handler: FrameHandler): MessageChannel['port1'] {
  const { port1, port2 } = new MessageChannel()
  serveMessagePort(handler, port2)
  return port1
}

export function bearer(server: LoopbackServer): { authorization: string } {
  return { authorization: `Bearer ${server.token}` }
}

export async function socketTo(server: LoopbackServer): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket`, { headers: bearer(server) })
  await once(socket, 'open')
  return socket
}

function openPort(handler: FrameHandler): Carrier {
  const port = portTo(handler)
  const link = new MessagePortLink({ port })
  port.start()
  const closed = once(port, 'close')
  return overLink(link, async () => {
    port.close()
    await closed
  })
}

async function openSocket(server: LoopbackServer): Promise<Carrier> {
  const socket = await socketTo(server)
  const link = new WebSocketLink({ websocket: socket as unknown as globalThis.WebSocket })
  const closed = once(socket, 'close')
  return overLink(link, async () => {
    socket.close()
    await closed
  })
}

function openHttp(server: LoopbackServer): Carrier {
  const url = `${server.origin}/api`
  const link = new OpenAPILink(contract, { url, headers: bearer(server) })
  return {
    client: createORPCClient(link),
    leave: async () => {},
    async call(path) {
      const answer = await fetch(`${url}/${path.map(encodeURIComponent).join('/')}`, {
        method: 'POST',
        headers: { ...bearer(server), 'content-type': 'application/json' },
        body: '{}',
      })
      const body: unknown = await answer.json()
      if (answer.ok) return body
      throw body as Error
    },
  }
}

function overLink(link: ClientLink<object>, leave: () => Promise<void>): Carrier {
  return {
    client: createORPCClient(link),
    call: path => link.call(path, {}, { context: {} }),
    leave,
  }
}

/** Follows a path of names through what a script would write as `client.a.b.c()`. */
async function walk(client: unknown, path: readonly string[]): Promise<unknown> {
  let at = client
  for (const name of path) at = (at as Record<string, unknown>)[name]
  return (at as () => unknown)()
}
