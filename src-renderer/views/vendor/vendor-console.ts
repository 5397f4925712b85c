import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Vendor, VendorRelease } from '../../../src-main/contract/vendor'
import { useAddImages } from '../../composables/add-images'
import { useAnnouncer } from '../../composables/announcer'
import { useProblem } from '../../composables/attempt'
import { useConfirm } from '../../composables/confirm'
import { useLayout } from '../../composables/layout'
import { useConnection } from '../../rpc/connection'
import { useVendors } from '../../stores/vendors'
import { useText } from '../../text/i18n'

export const VENDOR_TABS = ['releases', 'access', 'keys'] as const
export type VendorTab = (typeof VENDOR_TABS)[number]
type VendorDialog = 'create' | 'register' | 'accessor' | 'carrier'

/** How a release gets to the carrier: a notice by its API or by mail, or the file itself. */
export type WayToCarrier = 'api' | 'mail' | 'upload'

/** Which vendor and which of its releases a person looks at, and what is done with them. */
export const useVendorConsole = defineStore('vendor-console', () => {
  const { t } = useText()
  const addImages = useAddImages()
  const announcer = useAnnouncer()
  const confirm = useConfirm()
  const connection = useConnection()
  const vendors = useVendors()
  const { problem, attempt } = useProblem()
  const tabNumber = useLayout('vendor.tab', 0)

  const name = ref<string | null>(null)
  const releaseId = ref<number | null>(null)
  const dialog = ref<VendorDialog | null>(null)
  /** Digest of the file that the register dialog begins with. */
  const offered = shallowRef<string | null>(null)
  const isBusy = ref(false)

  const vendor = computed<Vendor | null>(
    () => vendors.list.find(one => one.name === name.value) ?? vendors.list[0] ?? null,
  )
  /** Null: not known yet. */
  const releases = computed(() =>
    vendor.value === null ? null : (vendors.releases.get(vendor.value.name) ?? null),
  )
  const release = computed<VendorRelease | null>(
    () => releases.value?.find(({ id }) => id === releaseId.value) ?? releases.value?.[0] ?? null,
  )
  const tab = computed<VendorTab>({
    get: () => VENDOR_TABS[tabNumber.value] ?? VENDOR_TABS[0],
    set: wanted => (tabNumber.value = VENDOR_TABS.indexOf(wanted)),
  })

  /** All vendors' releases: what came back must show whichever vendor is chosen. */
  watch(
    [() => vendors.list.map(one => one.name).join('\n'), () => connection.isConnected],
    async () => {
      if (!connection.isConnected) return
      const unknown = vendors.list.filter(one => !vendors.releases.has(one.name))
      await attempt(() => Promise.all(unknown.map(one => vendors.loadReleases(one.name))))
    },
    { immediate: true },
  )

  function returnedOf(vendorName: string): readonly VendorRelease[] {
    return (vendors.releases.get(vendorName) ?? []).filter(({ state }) => state === 'returned')
  }

  function choose(wanted: string): void {
    name.value = wanted
    releaseId.value = null
    problem.value = null
  }

  // What is shown stays shown when another one comes before it in the list.
  watch(vendor, one => {
    if (one && one.name !== name.value) choose(one.name)
  })
  watch(release, one => (releaseId.value = one?.id ?? null))

  function canSend(one: VendorRelease | null): one is VendorRelease {
    return connection.isConnected && one !== null && one.state !== 'returned' && !isBusy.value
  }

  async function send(way: WayToCarrier): Promise<void> {
    const sent = release.value
    if (!canSend(sent)) return
    isBusy.value = true
    const { id, vendorName, softwareName, version } = sent
    const done = await attempt(() =>
      way === 'upload'
        ? vendors.upload({ vendorName, id })
        : vendors.notify({ vendorName, id, by: way }),
    )
    isBusy.value = false
    if (done) announcer.say(t(`vendor.sent.${way}`, { name: softwareName, version }))
  }

  async function rotate(role: 'root' | 'targets'): Promise<void> {
    const owner = vendor.value
    if (!owner) return
    const agreed = await confirm.ask({
      title: t('vendor.rotateTitle'),
      text: t(`vendor.rotateText.${role}`, { vendor: owner.name }),
      action: t('vendor.rotate'),
    })
    if (agreed) await attempt(() => vendors.rotateKeys({ vendorName: owner.name, role }))
  }

  function register(digest: string | null): void {
    if (vendor.value === null) return
    offered.value = digest
    dialog.value = 'register'
  }

  /** Takes files into the library and offers the last one for registration. */
  async function addFiles(files: readonly File[]): Promise<void> {
    const added = (await addImages(files)).at(-1)
    if (added) register(added.digest)
  }

  return {
    vendor,
    releases,
    release,
    releaseId,
    tab,
    dialog,
    offered,
    isBusy,
    problem,
    returnedOf,
    choose,
    canSend,
    send,
    rotate,
    register,
    addFiles,
  }
})
