import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src-main/base/clock'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import type { AdditionalInformation, TrialReport } from '../../src-main/contract/vendor'
import { ImageService } from '../../src-main/images/image-service'
import { Audit } from '../../src-main/observe/audit'
import { EventBus } from '../../src-main/observe/events'
import { realClock } from '../../src-main/observe/real-clock'
import { Trace } from '../../src-main/observe/trace'
import { basicCredentials } from '../../src-main/site/credentials'
import { openStorage } from '../../src-main/storage/open-storage'
import type { SendMail } from '../../src-main/vendor/carrier-line'
import { VendorService } from '../../src-main/vendor/service'
import { startCarrierStandIn } from './carrier-stand-in'

/** Built-in software of model k1. */
export function firmware(version: string): Uint8Array {
  const path = resolve(import.meta.dirname, `../../resources/firmware/k1-${version}.bin`)
  return new Uint8Array(readFileSync(path))
}

export const sha256Of = (bytes: Uint8Array) => hash('sha256', bytes, 'hex')

export const FREE: AdditionalInformation = {
  deviceTypes: [],
  fromVersions: [],
  price: 0,
  currency: 'JPY',
  trial: null,
}

export const SILENT: TrialReport = {
  deviceId: 'ABC-100',
  outcome: 'no-answer',
  answer: null,
  message: 'The device did not answer within 60 s.',
  startedAt: 1000,
  endedAt: 61_000,
}

/** The carrier's credentials at the databases of the benches. */
export const CARRIER = { id: 'carrier-1', password: 'open sesame' }

export interface BenchOptions {
  readonly dataDir?: string
  readonly clock?: Clock
  /** In place of a mailbox that takes everything. */
  readonly sendMail?: SendMail
  /** In place of the stand-in. */
  readonly carrierAddress?: string
}

/** Vendors as in a workbench, beside a stand-in for the carrier's server. */
export async function vendorBench(options: BenchOptions = {}) {
  const { clock = realClock, dataDir } = options
  const storage = await openStorage({ clock, ...(dataDir === undefined ? {} : { dataDir }) })
  const { db, blobs, raise } = storage
  const events = new EventBus()
  const seen: WorkbenchEvent[] = []
  events.subscribe(event => seen.push(event))
  const trace = new Trace({ clock, events })
  const audit = new Audit({ db, clock })
  const images = new ImageService({ db, blobs, clock, events, audit, raise })
  const defects: unknown[] = []
  const mails: Parameters<SendMail>[0][] = []
  const carrier = await startCarrierStandIn()
  const address = options.carrierAddress ?? carrier.address
  const vendor = new VendorService({
    db,
    blobs,
    images,
    clock,
    trace,
    audit,
    events,
    logDefect: error => defects.push(error),
    carrierAddress: async () => address,
    sendMail: options.sendMail ?? (async mail => void mails.push(mail)),
  })
  await vendor.start()
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await vendor.close()
    await audit.settle()
    await storage.close()
    await carrier.close()
  }
  onTestFinished(close)
  return {
    vendor,
    images,
    blobs,
    carrier,
    seen,
    mails,
    defects,
    close,
    trace: () => trace.list({ limit: 5000 }),
    labels: () => trace.list({ limit: 5000 }).map(({ label }) => label),
    payload: (sequence: number) => Buffer.from(trace.message(sequence).hex, 'hex').toString(),
    audit: () => audit.list({ limit: 500 }),
    refusals: async () => (await audit.list({ limit: 500 })).map(({ code }) => code),
    /** A vendor that the carrier may fetch from and that may tell the carrier. */
    async open(name: string) {
      const { address: base } = await vendor.create({ name })
      const { id: accessorId, password } = CARRIER
      await vendor.setAccessor({ vendorName: name, accessorId, party: 'Carrier', password })
      await vendor.setCarrier({ vendorName: name, password: 'I am a vendor' })
      return base
    },
    async register(
      vendorName: string,
      version: string,
      changes: Partial<AdditionalInformation> = {},
    ) {
      const { digest } = await images.add({ name: `${version}.bin`, content: firmware(version) })
      return vendor.register({ vendorName, digest, additional: { ...FREE, ...changes } })
    },
    async registerPackage(vendorName: string, content: Uint8Array, version = '1') {
      const { digest } = await vendor.addPackage({ name: 'player.zip', content })
      const named = { softwareName: 'player', version }
      return vendor.register({ vendorName, digest, ...named, additional: FREE })
    },
  }
}

export type VendorBench = Awaited<ReturnType<typeof vendorBench>>

/** Asks a database over real HTTP, by its paths. */
export function accessorOf(base: string, credentials: typeof CARRIER | null = CARRIER) {
  const authorization = credentials && { authorization: basicCredentials(credentials) }
  const headers = { ...authorization }
  const get = (path: string) => fetch(`${base}${path}`, { headers })
  return {
    get,
    release: (id: number) => get(`/v1/releases/${id}`),
    software: (id: number) => get(`/v1/releases/${id}/software`),
    giveBack: (id: number, report: unknown) =>
      fetch(`${base}/v1/releases/${id}/return`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(report),
      }),
  }
}

/** Everything that a server says on one line until it ends it; the line is never ended from here. */
export function untilEnd(base: string, text: string): Promise<string> {
  const { promise, resolve: done } = Promise.withResolvers<string>()
  const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(text))
  const pieces: Buffer[] = []
  socket.on('data', piece => pieces.push(piece))
  socket.on('error', () => {})
  socket.on('close', () => done(Buffer.concat(pieces).toString('latin1')))
  return promise
}
