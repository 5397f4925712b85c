import type { ContractRouterClient, InferContractRouterInputs } from '@orpc/contract'
import type { CallMeta } from './procedure'
import { app } from './app'
import { carrier } from './carrier'
import { delta } from './delta'
import { handsets } from './handsets'
import { images } from './images'
import { mailCalls } from './mail'
import { network } from './network'
import { observe } from './observe'
import { restore } from './restore'
import { rolloutCalls } from './rollouts'
import { settlement } from './settlement'
import { vendorCalls } from './vendor'

/** Everything a window, a script, a scenario or the command line can ask of the main process. */
export const contract = {
  app,
  vendor: vendorCalls,
  carrier: { ...carrier, ...rolloutCalls },
  settlement,
  mail: mailCalls,
  network,
  handsets,
  restore,
  images,
  delta,
  observe,
}

export type WorkbenchClient = ContractRouterClient<typeof contract>
export type WorkbenchInputs = InferContractRouterInputs<typeof contract>
export type { CallMeta }
