import { AppService } from './app/app-service'
import { checkOptions, type WorkbenchOptions } from './app/workbench-options'
import type { Clock } from './base/clock'
import type { ErrorData } from './base/coded-error'
import { randomBytes } from 'node:crypto'
import { CarrierService } from './carrier/service'
import type { Hello } from './contract/app'
import { CONTRACT_VERSION } from './contract/constants'
import type { WorkbenchClient } from './contract'
import type { StoredImage } from './contract/images'
import type { VendorPackage } from './contract/vendor'
import { DeltaJobs } from './delta/delta-jobs'
import { DeltaService } from './delta/delta-service'
import { CampaignService } from './handset/service/campaign-service'
import { builtInSoftware } from './handset/service/built-in-software'
import { makeFleet } from './handset/service/fleet-maker'
import { HandsetService } from './handset/service/handset-service'
import { WorkerCpuHost } from './handset/service/worker-cpu-host'
import { ImageService } from './images/image-service'
import { newImage, type NewImage } from './images/new-image'
import { memoryPair } from './link/memory-link'
import { createLinkOpener } from './link/open-link'
import { listSerialPorts } from './link/serial-link'
import { MailService } from './mail/service'
import { NetworkService } from './network/service'
import { ActionLog } from './observe/actions'
import { Audit } from './observe/audit'
import { EventBus } from './observe/events'
import { realClock } from './observe/real-clock'
import { Trace } from './observe/trace'
import { VirtualClock } from './observe/virtual-clock'
import { FolderJournal } from './restore/folder-journal'
import { RestoreService } from './restore/restore-service'
import { inProcessClient } from './rpc/in-process'
import { closedError, toCallError, writeToStandardError, type DefectLog } from './rpc/call-errors'
import { createRouter, recorded, type WorkbenchRouter } from './rpc/router'
import { SettlementService } from './settlement/service'
import { openStorage } from './storage/open-storage'
import { VendorService } from './vendor/service'
import { version } from '../package.json'

export type { WorkbenchOptions }

/**
 * What every call of a workbench, `upload` and `createWorkbench` reject with: an Error with one of
 * the codes of the contract. Only what is wrong with Kintsugi itself has the code `INTERNAL`.
 */
export interface WorkbenchError extends Error {
  readonly code: string
  /** Facts about the failure; which ones depends on the code. */
  readonly data: ErrorData
}

/**
 * The main-process API: the domains of the contract, checked as over every other carrier. Its calls
 * reject with a {@link WorkbenchError}.
 */
export interface Workbench extends WorkbenchClient {
  /** Puts a firmware file into the image library; calls then name it by its digest. */
  upload(name: string, content: NewImage['content']): Promise<StoredImage>
  /** Keeps a file that is no firmware image, for a vendor's release; named by its digest too. */
  uploadPackage(name: string, content: NewImage['content']): Promise<VendorPackage>
  /** Ends what goes on and gives the data folder free; every later call rejects with `CLOSED`. */
  close(): Promise<void>
}

/** What the hosts need beside the API: the router to put on a carrier. */
export interface HostedWorkbench {
  readonly workbench: Workbench
  readonly router: WorkbenchRouter
}

export interface HostOptions extends WorkbenchOptions {
  readonly host: Hello['host']
  /** Hears of failures that are nobody's input; without it they go to standard error. */
  readonly logDefect?: DefectLog
  /** Where interrupted restores are recorded, if not with everything else. */
  readonly journalFolder?: string
  /** Where handsets reach the carrier's server; 0, the default, takes a free port. */
  readonly carrierPort?: number
}

/** A workbench for scripts and tests, in this process. Rejects with `USAGE` or `DATA_DIR_…`. */
export async function createWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const { workbench } = await openWorkbench({ ...checkOptions(options), host: 'in-process' })
  return workbench
}

/** Builds every subsystem and joins them: the only place that sees them all. */
export async function openWorkbench({
  host,
  logDefect = writeToStandardError,
  journalFolder,
  carrierPort = 0,
  ...given
}: HostOptions): Promise<HostedWorkbench> {
  const options = checkOptions(given)
  const clock: Clock = options.clock === 'virtual' ? new VirtualClock() : realClock
  const storage = await openStorage({
    clock,
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  })
  const { db, blobs, raise } = storage
  const events = new EventBus()
  const trace = new Trace({ clock, events })
  const audit = new Audit({ db, clock })
  const actions = new ActionLog({ db, clock })
  const images = new ImageService({ db, blobs, clock, events, audit, raise })
  const maker = new DeltaService()
  const observed = { db, clock, trace, audit, events, logDefect }
  const mail = new MailService({
    ...observed,
    mailServer: () => storage.settings.current().mailServer ?? null,
  })
  const carrierAddress = async () => (await carrier.server()).address
  const settlementSecret = randomBytes(32).toString('base64url')
  const settlement = new SettlementService({
    ...observed,
    carrierAddress,
    secret: settlementSecret,
  })
  const onHandsetDefect = (error: unknown) => logDefect(error, 'handsets')
  const network = new NetworkService({
    ...observed,
    handset: name => handsets.face(name),
    makeFleet: (order, onChange) =>
      makeFleet(order, { clock, carrierAddress, onDefect: onHandsetDefect, onChange }),
  })
  const vendor = new VendorService({
    ...observed,
    blobs,
    images,
    carrierAddress,
    sendMail: outgoing => mail.send(outgoing),
  })
  const carrier: CarrierService = new CarrierService({
    ...observed,
    sqlite: storage.sqlite,
    blobs,
    images,
    port: carrierPort,
    surroundings: {
      networkAddress: async () => (await network.server()).address,
      settlementAddress: async () => (await settlement.server()).address,
      settlementSecret,
      ownBooks: settlement.ownBooks,
      sendMail: outgoing => mail.send(outgoing),
      onMail: listener => mail.onReceived(listener),
    },
    factoryImage: sha256 => builtInSoftware.withDigest(sha256),
    makeFile: async order => {
      const { file, fullBytes, ramBytes } = await maker.make({ ...order, inPlace: true })
      return { file, fullBytes, workBytes: ramBytes }
    },
  })
  const delta = new DeltaJobs({
    maker,
    images,
    clock,
    events,
    powerCuts: new CampaignService(),
    onDefect: error => logDefect(error, 'delta'),
  })
  const handsets = new HandsetService({
    clock,
    carrierAddress,
    events,
    memoryPair,
    cpuHost: new WorkerCpuHost(),
    seed: options.seed ?? 1,
    onDefect: onHandsetDefect,
  })
  const openLink = createLinkOpener({ clock, virtual: name => handsets.connect(name) })
  const restore = new RestoreService({
    openLink,
    listPorts: listSerialPorts,
    images,
    clock,
    trace,
    audit,
    events,
    db,
    journal: journalFolder === undefined ? undefined : new FolderJournal(journalFolder),
    raise,
  })
  const app = new AppService({
    storage,
    clock,
    events,
    hello: {
      product: 'kintsugi',
      version,
      contract: CONTRACT_VERSION,
      host,
      dataDir: storage.dataDir,
      startedAt: clock.now(),
    },
  })
  await Promise.all([vendor.start(), settlement.start(), carrier.rollouts.start()])
  let closing: Promise<void> | undefined
  const close = async () => {
    await restore.close()
    await handsets.close()
    await network.close()
    // Last, so that handsets hear an answer to what they asked.
    await Promise.all([carrier.close(), vendor.close(), settlement.close(), delta.close()])
    await mail.close()
    try {
      await audit.settle()
    } finally {
      // What could not be noted must not keep the data folder locked.
      await storage.close()
    }
  }
  const router = createRouter(
    {
      app,
      vendor,
      carrier,
      rollouts: carrier.rollouts,
      settlement,
      mail,
      network,
      delta,
      handsets,
      images,
      restore,
      trace,
      audit,
      actions,
      clock,
      events,
    },
    { logDefect, isClosed: () => closing !== undefined },
  )
  /** Bulk bytes are no call of the contract, but are refused and kept in the action log like one. */
  const taken = async <T>(
    call: string,
    [name, content]: Parameters<Workbench['upload']>,
    add: (file: NewImage) => Promise<T>,
  ): Promise<T> => {
    try {
      if (closing) throw closedError()
      const file = newImage(name, content)
      return await recorded(actions, { call, input: { name } }, () => add(file))
    } catch (error) {
      throw toCallError(error, call, logDefect)
    }
  }
  const workbench: Workbench = {
    ...inProcessClient(router),
    upload: (...file) => taken('upload', file, image => images.add(image)),
    uploadPackage: (...file) => taken('uploadPackage', file, added => vendor.addPackage(added)),
    close: () => (closing ??= close()),
  }
  return { workbench, router }
}
