import { createRouterClient } from '@orpc/server'
import type { WorkbenchClient } from '../contract'
import type { WorkbenchRouter } from './router'

/** The contract without any carrier: the same checks, errors and action log, in this process. */
export function inProcessClient(router: WorkbenchRouter): WorkbenchClient {
  const client: WorkbenchClient = createRouterClient(router)
  // The client makes its domains up as they are asked for; users may spread or list them.
  const { app, vendor, carrier, settlement, mail, network } = client
  const { handsets, restore, images, delta, observe } = client
  return {
    app,
    vendor,
    carrier,
    settlement,
    mail,
    network,
    handsets,
    restore,
    images,
    delta,
    observe,
  }
}
