import { hash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import type { HandsetFace } from '../../src-main/network/network-node'
import { NetworkService, type NetworkServiceParts } from '../../src-main/network/service'
import { EventBus } from '../../src-main/observe/events'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { askSite } from '../../src-main/site/ask-site'
import { DEVICE_PATHS, SOFTWARE_HEADERS } from '../../src-main/wire/device/messages'

export const PASSWORD = '98-76-54'
export const PC = {
  deviceId: 'PC-1',
  deviceClass: 'pc',
  ipAddress: '10.1.23.4',
  password: PASSWORD,
  software: { name: 'editor', version: '1.0' },
} as const

export const sha256Of = (bytes: Uint8Array) => hash('sha256', bytes, 'hex')

export interface NetworkBenchOptions {
  readonly makeFleet?: NetworkServiceParts['makeFleet']
}

/** The network alone, with a look at everything that it says. */
export function networkBench({
  makeFleet = () => Promise.reject(new Error('No fleet is made here')),
}: NetworkBenchOptions = {}) {
  const clock = new VirtualClock()
  const events = new EventBus()
  const seen: WorkbenchEvent[] = []
  events.subscribe(event => seen.push(event))
  const refusals: { actor: string; code: string; message: string }[] = []
  const defects: unknown[] = []
  const faces = new Map<string, HandsetFace>()
  const network = new NetworkService({
    clock,
    events,
    audit: { refuse: refusal => void refusals.push(refusal) },
    logDefect: error => defects.push(error),
    handset: name => faces.get(name),
    makeFleet,
  })
  onTestFinished(() => network.close())
  return { clock, network, events, seen, refusals, defects, faces }
}

export type NetworkBench = ReturnType<typeof networkBench>

/** A handset that answers as it is told to, and counts its notices. */
export function sampleFace(changes: Partial<HandsetFace> = {}) {
  const software = { name: 'kintsugi-k1', version: '1.0.0' }
  const face = {
    terminalId: 'K1-0001',
    software,
    isReachable: true,
    notices: 0,
    notice() {
      face.notices += 1
    },
    testSignal: async (signal: string) => ({ answer: signal, software }),
    ...changes,
  }
  return face
}

/** The carrier's side of the messages, over real HTTP. */
export async function carrierAt({ clock, network }: NetworkBench, ipAddress: string) {
  const { address } = await network.server()
  const base = `${address}/${ipAddress}`
  const ask = (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> },
  ) => askSite(clock, { base, method, path, headers, ...(body === undefined ? {} : { body }) })
  const signal = (text: string, headers: Record<string, string>) =>
    ask('POST', DEVICE_PATHS.testSignal, { body: { signal: text }, headers })
  const testAnswer = (headers: Record<string, string>) =>
    answered(ask('GET', DEVICE_PATHS.testSignal, { headers }))
  const session = (deviceId: string, password = PASSWORD) =>
    ask('POST', DEVICE_PATHS.session, { body: { deviceId, password } })
  return {
    address,
    ask,
    session,
    /** What shows that the line is connected. */
    async connected(deviceId: string): Promise<{ authorization: string }> {
      const answer: unknown = jsonIn(await (await session(deviceId)).bytes(1000))
      const { token } = answer as { token: string }
      return { authorization: `Bearer ${token}` }
    },
    software(bytes: Uint8Array, headers: Record<string, string>) {
      const about = {
        [SOFTWARE_HEADERS.name]: 'editor',
        [SOFTWARE_HEADERS.version]: '2.0',
        [SOFTWARE_HEADERS.sha256]: sha256Of(bytes),
        [SOFTWARE_HEADERS.delivery]: 'install',
      }
      return ask('PUT', DEVICE_PATHS.software, { body: bytes, headers: { ...about, ...headers } })
    },
    signal,
    testAnswer,
    /** What the software has answered to a test signal by the time that somebody asks. */
    async tested(text: string, headers: Record<string, string>): Promise<unknown> {
      await (await signal(text, headers)).bytes(1000)
      return (await testAnswer(headers)).message
    },
    notice: (headers: Record<string, string>) =>
      ask('POST', DEVICE_PATHS.notice, {
        body: { softwareName: 'kintsugi-k1', version: '1.1.0' },
        headers,
      }),
  }
}

export function jsonIn(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString())
}

/** Status and JSON of an answer; null where it has no body. */
export async function answered(asking: ReturnType<typeof askSite>) {
  const answer = await asking
  const bytes = await answer.bytes(100_000)
  return { status: answer.status, message: bytes.length === 0 ? null : jsonIn(bytes) }
}
