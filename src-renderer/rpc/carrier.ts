import { createORPCClient } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import type { WorkbenchClient } from '../../src-main/contract/index'
import { bridge, PORT_MESSAGE } from './bridge'

/** One way to the main process, good until it closes; a new one is opened after that. */
export interface Carrier {
  readonly client: WorkbenchClient
  /** Resolves when the carrier is gone, from whichever side. */
  readonly closed: Promise<void>
  close(): void
}

/** A message port where the preload script is there, a WebSocket to the own host otherwise. */
export function openCarrier(): Carrier {
  return bridge() ? openPort() : openSocket()
}

function openPort(): Carrier {
  const { port1, port2 } = new MessageChannel()
  window.postMessage(PORT_MESSAGE, window.location.origin, [port2])
  port1.start()
  const closed = new Promise<void>(done => port1.addEventListener('close', () => done()))
  const link = new MessagePortLink({ port: port1 })
  return { client: createORPCClient<WorkbenchClient>(link), closed, close: () => port1.close() }
}

function openSocket(): Carrier {
  const address = new URL('/socket', window.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address)
  const closed = new Promise<void>(done => socket.addEventListener('close', () => done()))
  const link = new WebSocketLink({ websocket: socket })
  return { client: createORPCClient<WorkbenchClient>(link), closed, close: () => socket.close() }
}
