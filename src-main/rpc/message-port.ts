import type { FrameHandler } from './frame-line'

/** What a port of Electron's main process and one of Node's worker threads have in common. */
export interface FramePort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** Serves the contract on a message port. Whoever holds its other end may call anything. */
export function serveMessagePort(handler: FrameHandler, port: FramePort): void {
  handler.serve({
    async send(frame) {
      port.postMessage(frame)
    },
    onFrame: listener => void port.on('message', message => listener(frameOf(message))),
    onClose: listener => void port.on('close', listener),
    refuse: () => port.close(),
  })
  port.start()
}

/** Electron wraps what was posted into an event, Node does not. */
function frameOf(message: unknown): unknown {
  const isEvent = typeof message === 'object' && message !== null && 'data' in message
  return isEvent ? message.data : message
}
