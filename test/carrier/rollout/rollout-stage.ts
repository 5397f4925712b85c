import { onTestFinished } from 'vitest'
import { createWorkbench } from '../../../src-main/api'
import type { NewCustomer, Rollout, RolloutSettings } from '../../../src-main/contract/rollouts'
import type { AdditionalInformation } from '../../../src-main/contract/vendor'

const HOUR_MS = 3_600_000

/** Whole workbenches in virtual time, with information terminals and releases that are packages. */
export async function rolloutStage() {
  const workbench = await createWorkbench({ clock: 'virtual' })
  onTestFinished(() => workbench.close())
  const { carrier, mail, network, observe, settlement, vendor } = workbench
  const hours = (count: number) => observe.advanceClock({ milliseconds: count * HOUR_MS })
  const tasks = async (id: number) => {
    const { rows } = await carrier.tasks({ id })
    return Object.fromEntries(rows.map(({ deviceId, state }) => [deviceId, state]))
  }
  return {
    workbench,
    hours,
    tasks,
    async openVendor(vendorName: string) {
      const { address } = await vendor.create({ name: vendorName })
      const accessor = {
        vendorName,
        accessorId: 'carrier',
        party: 'Carrier',
        password: 'pass word',
      }
      await vendor.setAccessor(accessor)
      await carrier.setVendor({
        vendorName,
        databaseAddress: address,
        accessorId: 'carrier',
        accessorPassword: 'pass word',
        vendorPassword: 'their password',
      })
    },
    /** A terminal of Vendor A in Tokyo, of type T. */
    async bring(number: number, changes: Partial<NewCustomer> = {}) {
      const deviceId = `IT-${number}`
      const ipAddress = `10.0.0.${number}`
      const [password, deviceClass] = [`password ${number}`, 'information-terminal'] as const
      await network.addDevice({ deviceId, deviceClass, ipAddress, password })
      const row: NewCustomer = {
        deviceId,
        ipAddress,
        password,
        deviceClass,
        vendorName: 'Vendor A',
        managerName: `Manager ${number}`,
        managerEmail: `manager-${number}@example.com`,
        deviceType: 'T',
        timeZone: 'Asia/Tokyo',
      }
      await carrier.putCustomers({ rows: [{ ...row, ...changes }] })
    },
    /** Registers a release of so many bytes, and marks it as notified; time passes until it is there. */
    async release(
      settings: Partial<RolloutSettings>,
      {
        vendorName = 'Vendor A',
        additional = {},
        softwareName = 'Terminal',
        version = '2',
      }: {
        readonly vendorName?: string
        readonly additional?: Partial<AdditionalInformation>
        readonly softwareName?: string
        readonly version?: string
      } = {},
    ): Promise<Rollout> {
      const content = Buffer.from(`${softwareName} ${version} `.repeat(2000))
      const { digest } = await workbench.uploadPackage(`${softwareName}.bin`, content)
      const { id: vendorReleaseId } = await vendor.register({
        vendorName,
        digest,
        softwareName,
        version,
        additional: {
          deviceTypes: [],
          fromVersions: [],
          price: 300,
          currency: 'JPY',
          trial: null,
          ...additional,
        },
      })
      const { id } = await carrier.markNotified({ vendorName, vendorReleaseId, settings })
      await observe.advanceClock({ milliseconds: 5000 })
      return carrier.rollout({ id })
    },
    device: async (number: number) =>
      (await network.devices()).find(({ ipAddress }) => ipAddress === `10.0.0.${number}`),
    mailsTo: async (number: number) =>
      (await mail.list({ address: `manager-${number}@example.com` })).map(({ text }) => text),
    invoices: async () => (await settlement.invoices({})).rows,
    refusals: async () => (await observe.audit({ limit: 500 })).map(({ code }) => code),
    labels: async () => (await observe.trace({ limit: 5000 })).map(({ label }) => label),
  }
}
