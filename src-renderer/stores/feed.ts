import { assertNever } from '../../src-main/base/assert'
import type { ConnectionFrame, Snapshot, WorkbenchEvent } from '../../src-main/contract/app'
import { useApp } from './app'
import { useCarrier } from './carrier'
import { useCustomers } from './customers'
import { useDelta } from './delta'
import { useHandsets } from './handsets'
import { useImages } from './images'
import { useMail } from './mail'
import { useNetwork } from './network'
import { useObserve } from './observe'
import { useOutputs } from './outputs'
import { useRestore } from './restore'
import { useRollouts } from './rollouts'
import { useScreens } from './screens'
import { useSettlement } from './settlement'
import { useVendors } from './vendors'

/** The only way state comes into the stores: a snapshot, then events. */
export function useFeed(): (frame: ConnectionFrame) => void {
  const stores = useStores()
  return frame => {
    if (frame.kind === 'snapshot') begin(stores, frame.snapshot)
    if (frame.kind === 'events') for (const event of frame.events) apply(stores, event)
  }
}

function useStores() {
  return {
    app: useApp(),
    carrier: useCarrier(),
    customers: useCustomers(),
    delta: useDelta(),
    handsets: useHandsets(),
    images: useImages(),
    mail: useMail(),
    network: useNetwork(),
    observe: useObserve(),
    outputs: useOutputs(),
    restore: useRestore(),
    rollouts: useRollouts(),
    screens: useScreens(),
    settlement: useSettlement(),
    vendors: useVendors(),
  }
}

type Stores = ReturnType<typeof useStores>

/** Events of the carrier's software management: vendors, rollouts, invoices, mails, the network. */
type RolloutEvent = Extract<
  WorkbenchEvent,
  {
    kind:
      | 'vendor-changed'
      | 'vendor-release-changed'
      | 'customers-changed'
      | 'rollout-changed'
      | 'tasks-changed'
      | 'invoice-changed'
      | 'mail-received'
      | 'mailbox-cleared'
      | 'network-device-changed'
      | 'network-device-removed'
      | 'fleet-changed'
      | 'fleet-removed'
  }
>

function begin(stores: Stores, snapshot: Snapshot): void {
  stores.app.begin(snapshot)
  stores.carrier.begin(snapshot)
  stores.delta.begin(snapshot.deltaJobs)
  stores.handsets.begin(snapshot.handsets)
  stores.images.list = snapshot.images
  stores.restore.begin(snapshot.restores)
  stores.observe.begin(snapshot.trace)
  stores.vendors.begin(snapshot.vendors)
  stores.rollouts.begin(snapshot.rollouts)
  stores.mail.begin(snapshot.mails)
  stores.network.begin(snapshot)
}

function apply(stores: Stores, event: WorkbenchEvent): void {
  const { app, carrier, delta, handsets, images, observe, outputs, restore, screens } = stores
  switch (event.kind) {
    case 'settings-changed':
      app.settings = event.settings
      return
    case 'notice-raised':
      app.notices = [...app.notices, event.notice]
      return
    case 'notice-dismissed':
      app.notices = app.notices.filter(notice => notice.id !== event.id)
      return
    case 'handset-changed':
      if (event.handset.state === 'off') restore.forget(event.handset.link)
      return handsets.put(event.handset)
    case 'handset-removed':
      restore.forget(`virtual:${event.name}`)
      outputs.drop(event.name)
      screens.drop(event.name)
      return handsets.drop(event.name)
    case 'handset-output':
      return outputs.append(event.name, event.from, event.bytes)
    case 'image-added':
      return images.put(event.image)
    case 'image-removed':
      return images.drop(event.digest)
    case 'restore-changed':
      return restore.put(event.restore)
    case 'release-changed':
      return carrier.putRelease(event.release)
    case 'device-changed':
      return carrier.putDevice(event.device)
    case 'update-changed':
      return carrier.putUpdate(event.update)
    case 'delta-job-changed':
      return delta.put(event.job)
    case 'trace-appended':
      return observe.append(event.entries)
    case 'trace-cleared':
      return observe.empty()
    case 'vendor-changed':
    case 'vendor-release-changed':
    case 'customers-changed':
    case 'rollout-changed':
    case 'tasks-changed':
    case 'invoice-changed':
    case 'mail-received':
    case 'mailbox-cleared':
    case 'network-device-changed':
    case 'network-device-removed':
    case 'fleet-changed':
    case 'fleet-removed':
      return applyToRollouts(stores, event)
    default:
      assertNever(event, 'event')
  }
}

function applyToRollouts(stores: Stores, event: RolloutEvent): void {
  const { customers, mail, network, rollouts, settlement, vendors } = stores
  switch (event.kind) {
    case 'vendor-changed':
      return vendors.put(event.vendor)
    case 'vendor-release-changed':
      return vendors.putRelease(event.release)
    case 'customers-changed':
      return customers.noteChange()
    case 'rollout-changed':
      return rollouts.put(event.rollout)
    case 'tasks-changed':
      return rollouts.noteTasks(event.rolloutId)
    case 'invoice-changed':
      return settlement.noteChange()
    case 'mail-received':
      return mail.put(event.mail)
    case 'mailbox-cleared':
      return mail.empty()
    case 'network-device-changed':
      return network.putDevice(event.device)
    case 'network-device-removed':
      return network.dropDevice(event.ipAddress)
    case 'fleet-changed':
      return network.putFleet(event.fleet)
    case 'fleet-removed':
      return network.dropFleet(event.name)
    default:
      assertNever(event, 'event')
  }
}
