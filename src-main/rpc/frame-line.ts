import { StandardRPCJsonSerializer, StandardRPCSerializer } from '@orpc/client/standard'
import type { Context } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { refuseUnreadable, unknownCall } from './call-errors'
import { frameFault } from './frame'
import type { WorkbenchRouter } from './router'

/** What carries frames: a message port or a WebSocket. */
export interface FrameLine {
  /** Resolves when the line can take the next one. Never rejects: a line that is gone drops it. */
  send(frame: string): Promise<void>
  onFrame(listener: (frame: unknown) => void): void
  onClose(listener: () => void): void
  /** Ends the line because of the other side's fault, told in words. */
  refuse(fault: string): void
}

/**
 * Answers calls that come over lines. A frame that is none ends its line: its sender speaks another
 * protocol, and there is no call that an answer could belong to.
 */
export class FrameHandler {
  readonly #handler: RPCHandler<Context>

  constructor(router: WorkbenchRouter) {
    this.#handler = new RPCHandler(router, {
      rootInterceptors: [
        async options => {
          const result = await options.next()
          if (result.matched) return result
          const call = options.request.url.pathname.slice(1).replaceAll('/', '.')
          const error = unknownCall(call)
          const body = serializer.serialize(error.toJSON())
          return { matched: true, response: { status: error.status, headers: {}, body } }
        },
      ],
      interceptors: [refuseUnreadable],
    })
  }

  serve(line: FrameLine): void {
    let refused = false
    const socket = {
      send: (frame: string) => line.send(frame),
      addEventListener(type: string, listener: (event: { data?: unknown }) => void) {
        if (type === 'close') line.onClose(() => listener({}))
        if (type !== 'message') return
        line.onFrame(frame => {
          // A carrier may deliver what was already on its way when the line was ended.
          if (refused) return
          const fault = frameFault(frame)
          refused = fault !== undefined
          if (fault === undefined) listener({ data: frame })
          else line.refuse(`This is no call: ${fault}.`)
        })
      },
    }
    // The handler uses these two members of a WebSocket and no other (its `upgrade` in 1.16.1).
    void this.#handler.upgrade(socket as unknown as UpgradableSocket)
  }
}

type UpgradableSocket = Parameters<RPCHandler<Context>['upgrade']>[0]

const serializer = new StandardRPCSerializer(new StandardRPCJsonSerializer())
