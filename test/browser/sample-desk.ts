import { resolve } from 'node:path'
import type { Customer } from '../../src-main/contract/rollouts'
import type { EventBus } from '../../src-main/observe/events'
import { routerOf, startServer } from '../rpc/carriers'
import { sampleServices } from '../rpc/sample-services'
import * as samples from '../renderer/desk-samples'
import type { Host } from './support'

/** A window of its own on sample data: states that take long to come to, and a table of any length. */
export interface SampleDesk extends Pick<Host, 'entry' | 'origin' | 'stop'> {
  readonly events: EventBus
  /** The customer table. */
  readonly rows: Customer[]
  /** The pages of the customer table that were asked for, in order. */
  readonly asked: { offset: number; limit: number; filter: string }[]
  /** What was done, as the names of calls with their input. */
  readonly done: { call: string; input: unknown }[]
}

export async function startSampleDesk(customers: number): Promise<SampleDesk> {
  const asked: SampleDesk['asked'] = []
  const done: SampleDesk['done'] = []
  const services = sampleServices()
  const rows = Array.from({ length: customers }, (_, index) => samples.customerAt(index))
  const rollouts = [samples.refused, samples.asking, samples.distributing]
  const rolloutOf = (id: number) => rollouts.find(one => one.id === id) ?? samples.distributing
  const doing = (call: string) => (input: { id: number }) => {
    done.push({ call, input })
    return rolloutOf(input.id)
  }
  const server = await startServer(
    routerOf({
      ...services,
      vendor: {
        ...services.vendor,
        list: () => samples.vendors,
        releases: ({ vendorName }) => (vendorName === 'Vendor A' ? samples.vendorReleases : []),
        accessors: () => [],
        accesses: () => [],
        packages: () => [],
      },
      rollouts: {
        ...services.rollouts,
        rollouts: () => rollouts,
        history: ({ id }) => [
          { at: samples.NOON, state: 'notified', reason: null },
          { at: samples.NOON, state: rolloutOf(id).state, reason: null },
        ],
        tasks: ({ id, offset, limit, state }) => {
          const tasks = samples
            .tasksOf(rolloutOf(id))
            .filter(task => state === undefined || task.state === state)
          return { total: tasks.length, rows: tasks.slice(offset, offset + limit) }
        },
        customers: ({ offset, limit, filter }) => {
          asked.push({ offset, limit, filter })
          const found = filter === '' ? rows : rows.filter(row => holds(row, filter))
          return { total: found.length, rows: found.slice(offset, offset + limit) }
        },
        putCustomers: input => {
          done.push({ call: 'putCustomers', input })
          return { entered: input.rows.length, replaced: 0 }
        },
        removeCustomers: input => {
          done.push({ call: 'removeCustomers', input })
          return { removed: input.deviceIds.length }
        },
        rolloutDefaults: () => samples.settings,
        setRolloutDefaults: input => {
          done.push({ call: 'setRolloutDefaults', input })
          return samples.settings
        },
        vendors: () => [],
        addresses: () => [],
        pauseRollout: doing('pauseRollout'),
        fetchRollout: doing('fetchRollout'),
        cancelRollout: doing('cancelRollout'),
      },
      settlement: {
        ...services.settlement,
        account: () => ({
          number: '001-0000001',
          owner: 'Minato Mobile',
          currency: 'JPY',
          balance: 4000,
          otherBalances: [],
          invoices: { open: 1, paid: 1, overdue: 1 },
        }),
        invoices: () => ({ total: samples.invoices.length, rows: samples.invoices }),
        pay: input => {
          done.push({ call: 'pay', input })
          return samples.invoices[1] ?? samples.invoices[0]!
        },
      },
      mail: {
        ...services.mail,
        list: () => samples.mails,
        server: () => ({ mailbox: 'smtp://127.0.0.1:2525', sendsTo: 'smtp://127.0.0.1:2525' }),
      },
      network: {
        ...services.network,
        devices: () => samples.devices,
        fleets: () => samples.fleets,
      },
      audit: { list: () => samples.refusals },
    }),
    { rendererDir: resolve(import.meta.dirname, '../../out/renderer') },
  )
  return {
    entry: server.entryUrl,
    origin: new URL(server.entryUrl).origin,
    stop: () => server.close(),
    events: services.events,
    rows,
    asked,
    done,
  }
}

function holds(row: Customer, filter: string): boolean {
  const text = `${row.deviceId} ${row.vendorName} ${row.managerName} ${row.ipAddress}`.toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}
