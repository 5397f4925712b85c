import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Device, DeviceUpdate, Release } from '../../src-main/contract/carrier'
import { useConnection } from '../rpc/connection'

/** How many updates the window keeps; the workbench may know more. */
const WINDOW_UPDATES_MAX = 100

/** What the carrier's software management server hands out, and to whom. */
export const useCarrier = defineStore('carrier', () => {
  const connection = useConnection()
  /** Newest first. */
  const releases = ref<Release[]>([])
  /** Who was seen last comes first. */
  const devices = ref<Device[]>([])
  /** Newest first. */
  const updates = ref<DeviceUpdate[]>([])

  function begin(all: {
    readonly releases: readonly Release[]
    readonly devices: readonly Device[]
    readonly updates: readonly DeviceUpdate[]
  }): void {
    releases.value = all.releases.toSorted((a, b) => b.id - a.id)
    devices.value = all.devices.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
    updates.value = all.updates.toSorted(newestFirst)
  }

  function putRelease(release: Release): void {
    const others = releases.value.filter(({ id }) => id !== release.id)
    releases.value = [...others, release].toSorted((a, b) => b.id - a.id)
  }

  function putDevice(device: Device): void {
    const others = devices.value.filter(({ terminalId }) => terminalId !== device.terminalId)
    devices.value = [device, ...others]
  }

  function putUpdate(update: DeviceUpdate): void {
    const others = updates.value.filter(({ id }) => id !== update.id)
    updates.value = [...others, update].toSorted(newestFirst).slice(0, WINDOW_UPDATES_MAX)
  }

  const carrier = () => connection.client().carrier

  return {
    releases,
    devices,
    updates,
    begin,
    putRelease,
    putDevice,
    putUpdate,
    server: () => carrier().server(),
    publish: async (digest: string) => putRelease(await carrier().publish({ digest })),
    withdraw: async (id: number) => putRelease(await carrier().withdraw({ id })),
  }
})

function newestFirst(a: DeviceUpdate, b: DeviceUpdate): number {
  return b.announcedAt - a.announcedAt
}
