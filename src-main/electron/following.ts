import type { Settings, WorkbenchEvent } from '../contract/app'
import { CONTRACT_VERSION } from '../contract/constants'
import type { WorkbenchClient } from '../contract'
import type { RestoreView } from '../contract/restore'

export interface Followed {
  readonly settings: Settings
  readonly restores: ReadonlyMap<number, RestoreView>
}

/** Keeps up with what the shell needs to know, by the same stream that a window gets. */
export async function follow(
  client: Pick<WorkbenchClient, 'app'>,
  onChange: (followed: Followed) => void,
): Promise<void> {
  let followed: Followed | undefined
  for await (const frame of await client.app.connect({ contract: CONTRACT_VERSION })) {
    if (frame.kind === 'snapshot') {
      const { settings, restores } = frame.snapshot
      followed = { settings, restores: new Map(restores.map(view => [view.id, view])) }
    } else if (frame.kind === 'events' && followed) {
      followed = frame.events.reduce(withEvent, followed)
    }
    if (followed) onChange(followed)
  }
}

function withEvent(followed: Followed, event: WorkbenchEvent): Followed {
  if (event.kind === 'settings-changed') return { ...followed, settings: event.settings }
  if (event.kind !== 'restore-changed') return followed
  const { restore } = event
  return { ...followed, restores: new Map(followed.restores).set(restore.id, restore) }
}
