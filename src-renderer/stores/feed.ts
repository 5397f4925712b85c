import { assertNever } from '../../src-main/base/assert'
import type { ConnectionFrame, Snapshot, WorkbenchEvent } from '../../src-main/contract/app'
import { useApp } from './app'
import { useHandsets } from './handsets'
import { useImages } from './images'
import { useObserve } from './observe'
import { useRestore } from './restore'

/** The only way state comes into the stores: a snapshot, then events. */
export function useFeed(): (frame: ConnectionFrame) => void {
  const stores: Stores = {
    app: useApp(),
    handsets: useHandsets(),
    images: useImages(),
    observe: useObserve(),
    restore: useRestore(),
  }
  return frame => {
    if (frame.kind === 'snapshot') begin(stores, frame.snapshot)
    if (frame.kind === 'events') for (const event of frame.events) apply(stores, event)
  }
}

interface Stores {
  readonly app: ReturnType<typeof useApp>
  readonly handsets: ReturnType<typeof useHandsets>
  readonly images: ReturnType<typeof useImages>
  readonly observe: ReturnType<typeof useObserve>
  readonly restore: ReturnType<typeof useRestore>
}

function begin(stores: Stores, snapshot: Snapshot): void {
  stores.app.begin(snapshot)
  stores.handsets.begin(snapshot.handsets)
  stores.images.list = snapshot.images
  stores.restore.begin(snapshot.restores)
  stores.observe.begin(snapshot.trace)
}

function apply({ app, handsets, images, observe, restore }: Stores, event: WorkbenchEvent): void {
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
      return handsets.drop(event.name)
    case 'image-added':
      return images.put(event.image)
    case 'image-removed':
      return images.drop(event.digest)
    case 'restore-changed':
      return restore.put(event.restore)
    case 'trace-appended':
      return observe.append(event.entries)
    case 'trace-cleared':
      return observe.empty()
    default:
      assertNever(event, 'event')
  }
}
