import type { RestoreOptions, RestorePlan } from '../contract/restore'
import { planText } from '../restore/plan'
import { unlessAborted } from './abort'
import { EXIT_FAILED, type CommandContext, type Outcome } from './cli'
import type { CommandWorkbench } from './open-workbench'

export interface PlanJob {
  readonly workbench: CommandWorkbench
  readonly links: readonly string[]
  readonly digest: string
  readonly options: RestoreOptions
  readonly context: CommandContext
}

/** What `restore` would do at each link, all at once; nothing is written. Rejects as calls do. */
export async function planAll(job: PlanJob): Promise<Outcome> {
  const { workbench, links, digest, options, context } = job
  const asking = Promise.all(links.map(link => workbench.restore.plan({ link, digest, options })))
  const plans = await unlessAborted(context.signal, asking)
  const [only] = plans
  const json = plans.length === 1 && only ? { plan: only } : { plans }
  const isRefused = plans.some(({ verdict }) => verdict === 'refused')
  return { json, text: plans.map(textOf).join('\n\n'), exitCode: isRefused ? EXIT_FAILED : 0 }
}

function textOf(plan: RestorePlan): string {
  const { device, software } = plan.device
  const holds = software ? `holds version ${software.version}` : 'lists no software'
  const head = `${plan.link}: ${device.name ?? 'a device without a name'} (${device.mode}), ${holds}`
  return [head, ...planText(plan).map(line => `  ${line}`)].join('\n')
}
