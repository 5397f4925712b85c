import { defineStore } from 'pinia'
import { ref, shallowReactive } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { Vendor, VendorRelease } from '../../src-main/contract/vendor'
import { useConnection } from '../rpc/connection'

type Inputs = WorkbenchInputs['vendor']

/** Vendors with their software databases, and the releases of those that were asked for. */
export const useVendors = defineStore('vendors', () => {
  const connection = useConnection()
  /** By name. */
  const list = ref<Vendor[]>([])
  /** By the vendor's name, newest first; without those of vendors that nobody has looked at. */
  const releases = shallowReactive(new Map<string, readonly VendorRelease[]>())

  function begin(all: readonly Vendor[]): void {
    list.value = all.toSorted(byName)
    // They may have changed while nobody listened.
    releases.clear()
  }

  function put(vendor: Vendor): void {
    const others = list.value.filter(({ name }) => name !== vendor.name)
    list.value = [...others, vendor].toSorted(byName)
  }

  /** A vendor nobody has looked at gets no list of one: it would pass for the whole. */
  function putRelease(release: VendorRelease): void {
    const known = releases.get(release.vendorName)
    if (!known) return
    const others = known.filter(({ id }) => id !== release.id)
    releases.set(
      release.vendorName,
      [...others, release].toSorted((a, b) => b.id - a.id),
    )
  }

  const calls = () => connection.client().vendor

  async function loadReleases(vendorName: string): Promise<void> {
    const all = await calls().releases({ vendorName })
    releases.set(
      vendorName,
      all.toSorted((a, b) => b.id - a.id),
    )
  }

  return {
    list,
    releases,
    begin,
    put,
    putRelease,
    loadReleases,
    accessors: (vendorName: string) => calls().accessors({ vendorName }),
    accesses: (vendorName: string) => calls().accesses({ vendorName, limit: 200 }),
    packages: () => calls().packages(),
    create: async (name: string) => put(await calls().create({ name })),
    register: async (input: Inputs['register']) => {
      const release = await calls().register(input)
      putRelease(release)
      return release
    },
    notify: async (input: Inputs['notify']) => putRelease(await calls().notify(input)),
    upload: async (input: Inputs['upload']) => putRelease(await calls().upload(input)),
    setAccessor: (input: Inputs['setAccessor']) => calls().setAccessor(input),
    removeAccessor: (input: Inputs['removeAccessor']) => calls().removeAccessor(input),
    setCarrier: async (input: Inputs['setCarrier']) => put(await calls().setCarrier(input)),
    rotateKeys: async (input: Inputs['rotateKeys']) => put(await calls().rotateKeys(input)),
  }
})

function byName(a: Vendor, b: Vendor): number {
  return a.name.localeCompare(b.name)
}
