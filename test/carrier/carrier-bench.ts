import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src-main/base/clock'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import type { FactoryImage, FileOrder, NewFile } from '../../src-main/carrier/file-shelf'
import type { CarrierSurroundings } from '../../src-main/carrier/rollout/surroundings'
import { CarrierService } from '../../src-main/carrier/service'
import { ImageService } from '../../src-main/images/image-service'
import { Audit } from '../../src-main/observe/audit'
import { EventBus } from '../../src-main/observe/events'
import { realClock } from '../../src-main/observe/real-clock'
import { Trace } from '../../src-main/observe/trace'
import { openStorage } from '../../src-main/storage/open-storage'
import type {
  Inquiry,
  InquiryAnswer,
  Report,
  UpdateInformation,
} from '../../src-main/wire/update/messages'

/** Built-in software of model k1. */
export function firmware(name: string): Uint8Array {
  return new Uint8Array(
    readFileSync(resolve(import.meta.dirname, `../../resources/firmware/k1-${name}.bin`)),
  )
}

export const sha256Of = (bytes: Uint8Array) => hash('sha256', bytes, 'hex')

/** Nothing lies around the server. */
export const nobodyAround: CarrierSurroundings = {
  networkAddress: () => Promise.reject(new Error('There is no network')),
  settlementAddress: () => Promise.reject(new Error('There is no settlement apparatus')),
  settlementSecret: 'a-secret-of-settlement',
  ownBooks: {
    issue: () => Promise.reject(new Error('There are no books')),
    onChanged: () => () => {},
  },
  sendMail: async () => {},
  onMail: () => () => {},
}

export interface BenchOptions {
  readonly dataDir?: string
  readonly clock?: Clock
  /** In place of the maker of differential files. */
  readonly makeFile?: (order: FileOrder) => Promise<NewFile>
  readonly surroundings?: Partial<CarrierSurroundings>
  /** Left out: nothing came from the factory. */
  readonly factoryImage?: FactoryImage
}

/** A whole image that says what it was made from; with a base a tenth of it. */
export async function madeUp({ old, fresh, ramBytes }: FileOrder): Promise<NewFile> {
  const share = fresh.subarray(0, old.length > 0 ? fresh.length / 10 : fresh.length)
  const note = new TextEncoder().encode(sha256Of(old))
  const workBytes = Math.min(16_384, ramBytes)
  return { file: new Uint8Array([...note, ...share]), workBytes, fullBytes: fresh.length }
}

/** The carrier's server as in a workbench, with a look at everything that it says. */
export async function carrierBench(options: BenchOptions = {}) {
  const { clock = realClock, makeFile = madeUp, factoryImage = () => undefined, dataDir } = options
  const storage = await openStorage({ clock, ...(dataDir === undefined ? {} : { dataDir }) })
  const { db, blobs, raise } = storage
  const events = new EventBus()
  const seen: WorkbenchEvent[] = []
  events.subscribe(event => seen.push(event))
  const trace = new Trace({ clock, events })
  const audit = new Audit({ db, clock })
  const images = new ImageService({ db, blobs, clock, events, audit, raise })
  const orders: FileOrder[] = []
  const defects: unknown[] = []
  const carrier = new CarrierService({
    db,
    blobs,
    images,
    clock,
    trace,
    audit,
    events,
    port: 0,
    surroundings: { ...nobodyAround, ...options.surroundings },
    factoryImage,
    logDefect: error => defects.push(error),
    makeFile: order => {
      orders.push(order)
      return makeFile(order)
    },
  })
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await carrier.close()
    await storage.close()
  }
  onTestFinished(close)
  const { address } = await carrier.server()
  return {
    address,
    blobs,
    carrier,
    images,
    seen,
    orders,
    defects,
    close,
    trace: () => trace.list({ limit: 500 }),
    payload: (sequence: number) => Buffer.from(trace.message(sequence).hex, 'hex').toString(),
    audit: () => audit.list({ limit: 500 }),
    refusals: async () => (await audit.list({ limit: 500 })).map(({ code }) => code),
    async publish(name: string) {
      const { digest } = await images.add({ name: `${name}.bin`, content: firmware(name) })
      return carrier.publish({ digest })
    },
    addImage: (name: string) => images.add({ name: `${name}.bin`, content: firmware(name) }),
  }
}

export type CarrierBench = Awaited<ReturnType<typeof carrierBench>>

/** A handset of model k1 with so much RAM to give, as it would report itself. */
export function inquiryOf(version: string, changes: Partial<Inquiry> = {}): Inquiry {
  const bytes = firmware(version)
  const id = { name: 'kintsugi-k1', version }
  return {
    terminalId: 'T-0001',
    model: 'k1',
    software: { id, bytes: bytes.length, sha256: sha256Of(bytes) },
    neededFile: null,
    flash: { sectorBytes: 4096, regionBytes: 0x18_0000, stashBytes: 0x8000 },
    ramBytes: 180_224,
    ...changes,
  }
}

/** The messages of a handset over real HTTP. */
export function handsetAt(address: string) {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const get = (id: string, headers: Record<string, string>) =>
    fetch(`${address}/v1/updates/${id}/file`, { headers })
  return {
    post,
    get,
    inquire: async (inquiry: Inquiry): Promise<UpdateInformation | null> => {
      const answer = await post('/v1/updates/inquiry', inquiry)
      const { update } = (await answer.json()) as InquiryAnswer
      return update
    },
    request: async (id: string, terminalId = 'T-0001'): Promise<string> => {
      const answer = await post(`/v1/updates/${id}/request`, { terminalId })
      const { token } = (await answer.json()) as { token: string }
      return token
    },
    file: async (id: string, token: string): Promise<Uint8Array> => {
      const answer = await get(id, { authorization: `Bearer ${token}` })
      return new Uint8Array(await answer.arrayBuffer())
    },
    report: (id: string, report: Partial<Report>) =>
      post(`/v1/updates/${id}/report`, { terminalId: 'T-0001', software: null, ...report }),
  }
}

/** What a handset that holds this software reports. */
export function holding(version: string): Pick<Report, 'software'> {
  return { software: inquiryOf(version).software }
}
