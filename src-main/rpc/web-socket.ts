import type { WebSocket } from 'ws'
import type { FrameHandler } from './frame-line'

const POLICY_VIOLATION = 1008

/** Serves the contract on a WebSocket that was accepted already. */
export function serveWebSocket(handler: FrameHandler, socket: WebSocket): void {
  // Without a listener a broken connection would end the process; `close` follows by itself.
  socket.on('error', () => {})
  handler.serve({
    // Resolved when the system took the frame, so a slow reader holds its own stream back.
    send: frame => new Promise(done => socket.send(frame, () => done())),
    onFrame: listener =>
      void socket.on('message', (data, isBinary) => listener(isBinary ? data : textOf(data))),
    onClose: listener => void socket.on('close', listener),
    refuse: fault => socket.close(POLICY_VIOLATION, fault),
  })
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString()
  return (Array.isArray(data) ? Buffer.concat(data) : data).toString()
}
