import { Trace } from '../../src-main/observe/trace'
import { openWorkbench, type Workbench } from '../../src-main/workbench'

export interface ChildOrder {
  readonly dataDir: string
  /** Base under which the devices are reached; they outlive this process. */
  readonly network: string
  /** The process kills itself as soon as so many messages are in the trace; 0: never. */
  readonly killAt: number
}

export const DEVICES = ['10.9.0.1', '10.9.0.2', '10.9.0.3'] as const
const VENDOR = 'Vendor A'
const LOOK_EVERY_MS = 20

/** A rollout with a trial to two devices, taken up wherever an earlier process was killed. */
export async function rollOut({ dataDir, network, killAt }: ChildOrder): Promise<void> {
  const passed = killAfter(killAt)
  const { workbench } = await openWorkbench({ host: 'in-process', dataDir })
  await setTheScene(workbench, network)
  const { id } = await rolloutIn(workbench)
  const isDone = async () => {
    const { rows } = await workbench.carrier.tasks({ id })
    const notices = (await workbench.mail.list({})).filter(({ to }) => to.join().startsWith('m-'))
    return (
      rows.length === 2 && rows.every(({ state }) => state === 'invoiced') && notices.length > 1
    )
  }
  while (!(await isDone())) await pause(LOOK_EVERY_MS)
  const outcome = {
    messages: passed(),
    invoices: (await workbench.settlement.invoices({})).rows.map(({ id: invoice }) => invoice),
    mails: (await workbench.mail.list({})).map(({ to }) => to.join()),
    rollouts: (await workbench.carrier.rollouts({})).length,
    releases: (await workbench.vendor.releases({ vendorName: VENDOR })).length,
  }
  await workbench.close()
  process.stdout.write(JSON.stringify(outcome))
}

/** Counts messages, and ends the process between two of them as a power cut would. */
function killAfter(killAt: number): () => number {
  let messages = 0
  const apply: ProxyHandler<Trace['record']>['apply'] = (record, trace, message) => {
    Reflect.apply(record, trace, message)
    messages += 1
    if (messages === killAt) process.kill(process.pid, 'SIGKILL')
  }
  const { prototype } = Trace
  Object.defineProperty(prototype, 'record', {
    value: new Proxy(Reflect.get(prototype, 'record'), { apply }),
  })
  return () => messages
}

async function setTheScene(workbench: Workbench, network: string): Promise<void> {
  const { carrier, vendor } = workbench
  const known = await vendor.list()
  const { address } = known[0] ?? (await vendor.create({ name: VENDOR }))
  await vendor.setAccessor({
    vendorName: VENDOR,
    accessorId: 'carrier',
    party: 'Carrier',
    password: 'fetch',
  })
  await vendor.setCarrier({ vendorName: VENDOR, password: 'notice' })
  await carrier.setVendor({
    vendorName: VENDOR,
    databaseAddress: address,
    accessorId: 'carrier',
    accessorPassword: 'fetch',
    vendorPassword: 'notice',
  })
  await carrier.putCustomers({
    rows: DEVICES.map((ipAddress, index) => ({
      deviceId: `IT-${index}`,
      ipAddress,
      password: 'password',
      isTestDevice: index === 0,
      vendorName: VENDOR,
      managerName: `Manager ${index}`,
      managerEmail: `m-${index}@example.com`,
      deviceType: 'T',
      deviceClass: 'information-terminal' as const,
      timeZone: 'UTC',
    })),
  })
  for (const ipAddress of DEVICES) {
    await carrier.setAddress({ ipAddress, base: `${network}/${ipAddress}` })
  }
}

/** The rollout that there is, or a new one of a new release. */
async function rolloutIn(workbench: Workbench) {
  const [begun] = await workbench.carrier.rollouts({})
  if (begun) return begun
  const [registered] = await workbench.vendor.releases({ vendorName: VENDOR })
  const release = registered ?? (await register(workbench))
  return workbench.carrier.markNotified({
    vendorName: VENDOR,
    vendorReleaseId: release.id,
    settings: { trial: true, consent: false, window: null },
  })
}

async function register(workbench: Workbench) {
  const content = new TextEncoder().encode('software of an information terminal')
  const { digest } = await workbench.uploadPackage('terminal.swu', content)
  return workbench.vendor.register({
    vendorName: VENDOR,
    digest,
    softwareName: 'terminal',
    version: '2.0.0',
    additional: {
      deviceTypes: ['T'],
      fromVersions: [],
      price: 100,
      currency: 'JPY',
      trial: { signal: 'there?', answer: 'there?', waitSeconds: 30 },
    },
  })
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(done => setTimeout(done, milliseconds))
}
