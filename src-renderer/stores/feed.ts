import { assertNever } from '../../src-main/base/assert'
import type { ConnectionFrame, Snapshot, WorkbenchEvent } from '../../src-main/contract/app'
import { useApp } from './app'
import { useCarrier } from './carrier'
import { useDelta } from './delta'
import { useHandsets } from './handsets'
import { useImages } from './images'
import { useObserve } from './observe'
import { useOutputs } from './outputs'
import { useRestore } from './restore'
import { useScreens } from './screens'

/** The only way state comes into the stores: a snapshot, then events. */
export function useFeed(): (frame: ConnectionFrame) => void {
  const stores: Stores = {
    app: useApp(),
    carrier: useCarrier(),
    delta: useDelta(),
    handsets: useHandsets(),
    images: useImages(),
    observe: useObserve(),
    outputs: useOutputs(),
    restore: useRestore(),
    screens: useScreens(),
  }
  return frame => {
    if (frame.kind === 'snapshot') begin(stores, frame.snapshot)
    if (frame.kind === 'events') for (const event of frame.events) apply(stores, event)
  }
}

interface Stores {
  readonly app: ReturnType<typeof useApp>
  readonly carrier: ReturnType<typeof useCarrier>
  readonly delta: ReturnType<typeof useDelta>
  readonly handsets: ReturnType<typeof useHandsets>
  readonly images: ReturnType<typeof useImages>
  readonly observe: ReturnType<typeof useObserve>
  readonly outputs: ReturnType<typeof useOutputs>
  readonly restore: ReturnType<typeof useRestore>
  readonly screens: ReturnType<typeof useScreens>
}

function begin(stores: Stores, snapshot: Snapshot): void {
  stores.app.begin(snapshot)
  stores.carrier.begin(snapshot)
  stores.delta.begin(snapshot.deltaJobs)
  stores.handsets.begin(snapshot.handsets)
  stores.images.list = snapshot.images
  stores.restore.begin(snapshot.restores)
  stores.observe.begin(snapshot.trace)
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
    default:
      assertNever(event, 'event')
  }
}
