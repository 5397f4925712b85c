import { AppService } from './app/app-service'
import type { Clock } from './base/clock'
import type { Hello } from './contract/app'
import { CONTRACT_VERSION } from './contract/constants'
import type { WorkbenchClient } from './contract'
import type { StoredImage } from './contract/images'
import { HandsetService } from './handset/service/handset-service'
import { ImageService } from './images/image-service'
import { memoryPair } from './link/memory-link'
import { createLinkOpener } from './link/open-link'
import { listSerialPorts } from './link/serial-link'
import { ActionLog } from './observe/actions'
import { Audit } from './observe/audit'
import { EventBus } from './observe/events'
import { realClock } from './observe/real-clock'
import { Trace } from './observe/trace'
import { VirtualClock } from './observe/virtual-clock'
import { RestoreService } from './restore/restore-service'
import { inProcessClient } from './rpc/in-process'
import type { DefectLog } from './rpc/call-errors'
import { createRouter, recorded, type WorkbenchRouter } from './rpc/router'
import { openStorage } from './storage/open-storage'
import { version } from '../package.json'

export interface WorkbenchOptions {
  /** Where everything is kept; without it everything is kept in memory. */
  readonly dataDir?: string
  readonly clock?: 'real' | 'virtual'
  /** Where virtual time and randomness begin; the same seed gives the same run. */
  readonly seed?: number
}

/** The main-process API: the domains of the contract, checked as over every other carrier. */
export interface Workbench extends WorkbenchClient {
  /** Puts a firmware file into the image library; calls then name it by its digest. */
  upload(name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredImage>
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
}

/** A workbench for scripts and tests, in this process. */
export async function createWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const { workbench } = await openWorkbench({ ...options, host: 'in-process' })
  return workbench
}

/** Builds every subsystem and joins them: the only place that sees them all. */
export async function openWorkbench(options: HostOptions): Promise<HostedWorkbench> {
  const clock: Clock = options.clock === 'virtual' ? new VirtualClock() : realClock
  const storage = await openStorage({
    clock,
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  })
  const { db, blobs } = storage
  const events = new EventBus()
  const trace = new Trace({ clock, events })
  const audit = new Audit({ db, clock })
  const actions = new ActionLog({ db, clock })
  const images = new ImageService({ db, blobs, clock, events, audit })
  const handsets = new HandsetService({ clock, events, memoryPair, seed: options.seed ?? 1 })
  const openLink = createLinkOpener({ virtual: name => handsets.connect(name) })
  const restore = new RestoreService({
    openLink,
    listPorts: listSerialPorts,
    images,
    clock,
    trace,
    audit,
    events,
    db,
  })
  const app = new AppService({
    storage,
    clock,
    events,
    hello: {
      product: 'kintsugi',
      version,
      contract: CONTRACT_VERSION,
      host: options.host,
      dataDir: storage.dataDir,
      startedAt: clock.now(),
    },
  })
  const router = createRouter(
    { app, handsets, images, restore, trace, audit, actions, clock, events },
    options.logDefect,
  )
  const workbench: Workbench = {
    ...inProcessClient(router),
    upload: (name, content) =>
      recorded(actions, { call: 'upload', input: { name } }, () => images.add({ name, content })),
    async close() {
      await restore.close()
      await handsets.close()
      try {
        await audit.settle()
      } finally {
        // What could not be noted must not keep the data folder locked.
        await storage.close()
      }
    },
  }
  return { workbench, router }
}
