import { createRouterClient } from '@orpc/server'
import type { WorkbenchClient } from '../contract'
import type { WorkbenchRouter } from './router'

/** The contract without any carrier: the same checks, errors and action log, in this process. */
export function inProcessClient(router: WorkbenchRouter): WorkbenchClient {
  const client: WorkbenchClient = createRouterClient(router)
  // The client makes its domains up as they are asked for; users may spread or list them.
  const { app, carrier, delta, handsets, images, observe, restore } = client
  return { app, carrier, delta, handsets, images, observe, restore }
}
