import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { Fleet, NetworkDevice } from '../../src-main/contract/network'
import { useConnection } from '../rpc/connection'

type Inputs = WorkbenchInputs['network']

/** The emulated IP network: devices that were put there one by one, and fleets. */
export const useNetwork = defineStore('network', () => {
  const connection = useConnection()
  /** By address. */
  const devices = ref<NetworkDevice[]>([])
  /** By name. */
  const fleets = ref<Fleet[]>([])

  function begin(all: {
    readonly networkDevices: readonly NetworkDevice[]
    readonly fleets: readonly Fleet[]
  }): void {
    devices.value = all.networkDevices.toSorted(byAddress)
    fleets.value = [...all.fleets]
  }

  function putDevice(device: NetworkDevice): void {
    const others = devices.value.filter(({ ipAddress }) => ipAddress !== device.ipAddress)
    devices.value = [...others, device].toSorted(byAddress)
  }

  function dropDevice(ipAddress: string): void {
    devices.value = devices.value.filter(device => device.ipAddress !== ipAddress)
  }

  function putFleet(fleet: Fleet): void {
    const others = fleets.value.filter(({ name }) => name !== fleet.name)
    fleets.value = [...others, fleet].toSorted((a, b) => a.name.localeCompare(b.name))
  }

  function dropFleet(name: string): void {
    fleets.value = fleets.value.filter(fleet => fleet.name !== name)
  }

  const calls = () => connection.client().network

  return {
    devices,
    fleets,
    begin,
    putDevice,
    dropDevice,
    putFleet,
    dropFleet,
    server: () => calls().server(),
    connectHandset: async (input: Inputs['connectHandset']) =>
      putDevice(await calls().connectHandset(input)),
    addDevice: async (input: Inputs['addDevice']) => putDevice(await calls().addDevice(input)),
    changeDevice: async (input: Inputs['changeDevice']) =>
      putDevice(await calls().changeDevice(input)),
    removeDevice: (ipAddress: string) => calls().removeDevice({ ipAddress }),
    createFleet: async (input: Inputs['createFleet']) => putFleet(await calls().createFleet(input)),
    removeFleet: (name: string) => calls().removeFleet({ name }),
  }
})

function byAddress(a: NetworkDevice, b: NetworkDevice): number {
  return a.ipAddress.localeCompare(b.ipAddress, undefined, { numeric: true })
}
