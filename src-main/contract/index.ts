import type { ContractRouterClient, InferContractRouterInputs } from '@orpc/contract'
import type { CallMeta } from './procedure'
import { app } from './app'
import { carrier } from './carrier'
import { delta } from './delta'
import { handsets } from './handsets'
import { images } from './images'
import { observe } from './observe'
import { restore } from './restore'

/** Everything a window, a script, a scenario or the command line can ask of the main process. */
export const contract = { app, carrier, delta, handsets, images, observe, restore }

export type WorkbenchClient = ContractRouterClient<typeof contract>
export type WorkbenchInputs = InferContractRouterInputs<typeof contract>
export type { CallMeta }
