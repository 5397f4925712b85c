import { createHash } from 'node:crypto'
import type { Workbench } from '../../src-main/api'
import type { Fleet } from '../../src-main/contract/network'
import type { TraceEntry } from '../../src-main/contract/observe'
import type { RolloutSettings } from '../../src-main/contract/rollouts'
import { announce, firmware, INFORMATION, stageWithVendor, VENDOR } from './carrier-cast'

const DAY_MS = 86_400_000
const FLEET = 'campaign'
const PAGE = 500
const TRACE_PAGE = 5000
/** Ports, keys and what was drawn at random differ from run to run (decision 25). */
const DRAWN = new Set(['update', 'token', 'address', 'base', 'endpoint', 'messageId', 'link'])

export interface CampaignOrder {
  readonly size: number
  readonly days: number
  readonly seed: number
  /** Versions that the vendor brings out, by the day. */
  readonly releases: Readonly<Record<number, string>>
  readonly settings: Partial<RolloutSettings>
  readonly onDay?: (day: number, fleet: Fleet) => void
}

export interface CampaignStory {
  readonly fleets: readonly Fleet[]
  /** Messages between the actors, and a digest of all of them as decision 25 compares them. */
  readonly messages: number
  readonly digest: string
  /** How often each step was taken, and at which hours of the day (UTC). */
  readonly steps: Readonly<Record<string, { readonly count: number; readonly hours: number[] }>>
  readonly rollouts: readonly { readonly state: string; readonly tasks: unknown }[]
  readonly invoices: number
}

/** A fleet of the carrier's customers and a vendor that brings out releases, day by day. */
export async function playCampaign(order: CampaignOrder): Promise<CampaignStory> {
  const { size, days, seed, releases, settings } = order
  const { stage } = await stageWithVendor(seed)
  const { workbench } = stage
  await bringFleet(workbench, size, seed)
  const heard = new Heard(workbench)
  const fleets: Fleet[] = []
  for (let day = 1; day <= days; day++) {
    const version = releases[day]
    if (version !== undefined)
      await announce(workbench, { image: firmware(version), additional, settings })
    await stage.pass(DAY_MS)
    await heard.listen()
    const [fleet] = await workbench.network.fleets()
    if (!fleet) throw new Error('The fleet is gone')
    fleets.push(fleet)
    order.onDay?.(day, fleet)
  }
  const rollouts = await workbench.carrier.rollouts({})
  const { total } = await workbench.settlement.invoices({})
  const told = rollouts.map(({ state, tasks }) => ({ state, tasks }))
  return { fleets, ...heard.story(), rollouts: told, invoices: total }
}

const additional = { ...INFORMATION, trial: null }

async function bringFleet(workbench: Workbench, size: number, seed: number): Promise<void> {
  const { network, carrier } = workbench
  const password = 'of the fleet'
  const addresses = { firstIpAddress: '10.64.0.1', password, prefix: 'CAMPAIGN' }
  await network.createFleet({ name: FLEET, model: 'k1', size, seed, ...addresses })
  for (let offset = 0; offset < size; offset += PAGE) {
    const devices = await network.fleetDevices({ name: FLEET, offset, limit: PAGE })
    await carrier.putCustomers({
      rows: devices.map(({ deviceId, ipAddress, terminalId }) => ({
        deviceId,
        ipAddress,
        terminalId,
        password,
        vendorName: VENDOR,
        managerName: `Manager of ${deviceId}`,
        managerEmail: `${deviceId.toLowerCase()}@example.com`,
        deviceType: 'T',
        deviceClass: 'handset' as const,
        timeZone: 'Asia/Tokyo',
      })),
    })
  }
}

/** Everything that the actors say to each other, in the order of time. */
class Heard {
  readonly #workbench: Workbench
  readonly #digest = createHash('sha256')
  readonly #steps = new Map<string, { count: number; readonly hours: Set<number> }>()
  #last = 0
  #messages = 0
  #moment: { readonly at: number; readonly told: string[] } = { at: 0, told: [] }

  constructor(workbench: Workbench) {
    this.#workbench = workbench
  }

  async listen(): Promise<void> {
    const pages: TraceEntry[][] = []
    let before: number | undefined
    for (;;) {
      const asked = { limit: TRACE_PAGE, ...(before === undefined ? {} : { before }) }
      const page = await this.#workbench.observe.trace(asked)
      pages.unshift(page.filter(({ sequence }) => sequence > this.#last))
      before = page[0]?.sequence
      if (before === undefined || before <= this.#last + 1) break
    }
    for (const entry of pages.flat()) {
      if (entry.sequence !== this.#last + 1) throw new Error(`Message ${this.#last + 1} is lost`)
      this.#last = entry.sequence
      this.#messages += 1
      this.#hear(entry)
    }
  }

  story(): Pick<CampaignStory, 'messages' | 'digest' | 'steps'> {
    this.#endMoment()
    const steps = [...this.#steps].map(([label, { count, hours }]) => {
      return [label, { count, hours: [...hours].toSorted((a, b) => a - b) }] as const
    })
    const digest = this.#digest.digest('hex')
    return { messages: this.#messages, digest, steps: Object.fromEntries(steps) }
  }

  #hear(entry: TraceEntry): void {
    const { at, label } = entry
    if (at !== this.#moment.at) this.#endMoment()
    if (at !== this.#moment.at) this.#moment = { at, told: [] }
    this.#moment.told.push(compared(entry))
    const step = this.#steps.get(label) ?? { count: 0, hours: new Set() }
    step.count += 1
    step.hours.add(new Date(at).getUTCHours())
    this.#steps.set(label, step)
  }

  /** Many lines are used at one moment, and which of them is quicker has no meaning (decision 25). */
  #endMoment(): void {
    for (const told of this.#moment.told.splice(0).toSorted()) this.#digest.update(`${told}\n`)
  }
}

function compared({ at, from, to, label, type, outcome, fields }: TraceEntry): string {
  const kept = Object.entries(fields).filter(([name]) => !DRAWN.has(name))
  return JSON.stringify([at, from, to, label, type, outcome, kept])
}
