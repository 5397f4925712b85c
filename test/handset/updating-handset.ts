import { onTestFinished } from 'vitest'
import type { HandsetState } from '../../src-main/contract/handsets'
import type { Handset } from '../../src-main/handset/handset'
import { regionOf } from '../../src-main/handset/model/model'
import type { VirtualClock } from '../../src-main/observe/virtual-clock'
import { updateServer, type Offer } from '../support/update-server'
import { k1Handset, untilState, type RunningOptions } from './running-handset'

interface Timed {
  readonly clock: VirtualClock
  readonly handset: Handset
}

/** A k1, or another model, that runs, and a carrier's server with what it offers. */
export async function updatingHandset(offers: readonly Offer[], options: RunningOptions = {}) {
  const server = await updateServer(offers)
  const running = k1Handset({ carrier: server.address, ...options })
  onTestFinished(() => running.handset.close())
  running.handset.powerOn()
  await untilState(running, 'normal')
  return { ...running, server }
}

/** Moves time on in small steps until something holds, for ten minutes at most. */
export async function until({ clock }: Timed, holds: () => boolean, stepMs = 20): Promise<void> {
  for (let waited = 0; !holds(); waited += stepMs) {
    if (waited >= 600_000) throw new Error('It never came about')
    await clock.advance(stepMs)
  }
}

/** Asks for an update and waits for its end. */
export async function updated(running: Timed) {
  running.handset.startUpdate()
  await until(running, () => running.handset.update?.endedAt !== null)
  return running.handset.update
}

/** Calls back once as the handset enters a state, before anything else happens. */
export function onState(handset: Handset, state: HandsetState, act: () => void): void {
  const stop = handset.onChange(() => {
    if (handset.state !== state) return
    stop()
    act()
  })
}

/** Bytes of the executable region. */
export function regionBytes({ flash, model }: Handset, length: number): Uint8Array {
  return flash.peek(regionOf(model, 'executable').address, length)
}

export function statesOf({ history }: Handset): HandsetState[] {
  return history.map(({ to }) => to)
}
