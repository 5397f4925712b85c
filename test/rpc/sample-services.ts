import { CodedError } from '../../src-main/base/coded-error'
import type { Notice, Settings } from '../../src-main/contract/app'
import { CONTRACT_VERSION } from '../../src-main/contract/constants'
import type { DeltaJob } from '../../src-main/contract/delta'
import type { HandsetView } from '../../src-main/contract/handsets'
import type { ActionEntry, TraceEntry } from '../../src-main/contract/observe'
import type { RestoreView } from '../../src-main/contract/restore'
import { EventBus } from '../../src-main/observe/events'
import type { WorkbenchServices } from '../../src-main/rpc/services'

const DIGEST = 'ab'.repeat(32)

/** The services as small as the carriers need them, with a look at what they were asked to do. */
export interface SampleServices extends WorkbenchServices {
  readonly events: EventBus
  readonly performed: ActionEntry[]
  /** How many readers of `restore.watch` have not left. */
  watchers(): number
  appendTrace(count: number): void
  changeHandset(operations: number): void
}

export function sampleServices(): SampleServices {
  const events = new EventBus()
  const performed: ActionEntry[] = []
  const entries: TraceEntry[] = []
  let settings: Settings = {
    version: 1,
    theme: 'system',
    language: 'system',
    recentLinks: [],
    layout: {},
  }
  let watchers = 0

  return {
    events,
    performed,
    watchers: () => watchers,
    appendTrace(count) {
      const added = Array.from({ length: count }, (_, index) => message(entries.length + index + 1))
      entries.push(...added)
      events.publish({ kind: 'trace-appended', entries: added })
    },
    changeHandset: operations =>
      events.publish({ kind: 'handset-changed', handset: handset('h1', operations) }),
    vendor: emptyDomain('vendor', { list: () => [] }),
    rollouts: emptyDomain('rollouts', { rollouts: () => [] }),
    settlement: emptyDomain('settlement', {}),
    mail: emptyDomain('mail', { list: () => [] }),
    network: emptyDomain('network', { devices: () => [], fleets: () => [] }),
    app: {
      hello: () => ({
        product: 'kintsugi',
        version: '0.0.0',
        contract: CONTRACT_VERSION,
        host: 'in-process',
        dataDir: null,
        startedAt: 1000,
      }),
      settings: () => settings,
      changeSettings(change) {
        settings = { ...settings, ...JSON.parse(JSON.stringify(change)) }
        events.publish({ kind: 'settings-changed', settings })
        return settings
      },
      dismissNotice: () => {},
      notices: (): Notice[] => [],
    },
    handsets: {
      list: () => [handset('h1', 0)],
      models: () => ['k1'],
      firmware: () => [],
      ram: () => ({ hex: '', sha256: DIGEST }),
      flashHealth: () => ({ erases: [], weakCells: [] }),
      ramActivity: () => ({ blockBytes: 1024, stores: [] }),
      execution: () => ({
        cellBytes: 64,
        cells: '',
        executedBytes: 0,
        readBytes: 0,
        softwareBytes: 0,
      }),
      clearExecution: () => {},
      screen: () => ({ width: 0, height: 0, on: false, revision: 0, pixels: '' }),
      output: ({ from }) => ({ from, next: from, bytes: '' }),
      states: () => [],
      plantFault: ({ name }) => handset(name, 0),
      clearFaults: ({ name }) => handset(name, 0),
      key: ({ name }) => handset(name, 0),
      radio: ({ name }) => handset(name, 0),
      cable: ({ name }) => handset(name, 0),
      type: () => {},
      secureRam: ({ name }) => handset(name, 0),
      releaseRam: ({ name }) => handset(name, 0),
      flash: ({ address }) => {
        if (address > 10) {
          throw new CodedError('BAD_ADDRESS', 'Beyond the end.', { address, limit: 10 })
        }
        return { hex: '00ff', sha256: DIGEST }
      },
      create: ({ name }) => {
        if (name === 'taken') {
          throw new CodedError('HANDSET_EXISTS', 'There is one of that name.', { name })
        }
        if (name === 'broken') throw new TypeError('secret detail of a defect')
        return handset(name, 0)
      },
      power: ({ name }) => handset(name, 0),
      cutPower: ({ name }) => handset(name, 0),
      update: ({ name }) => handset(name, 0),
      provision: ({ name }) => handset(name, 0),
      cancelUpdate: ({ name }) => handset(name, 0),
      remove: () => {},
    },
    carrier: {
      server: () => ({ address: 'http://127.0.0.1:1' }),
      operator: () => ({ operator: 'telephone-carrier', network: 'mobile-network' }),
      setOperator: operator => operator,
      releases: () => [],
      devices: () => [],
      updates: () => [],
      publish: ({ digest }) => {
        throw new CodedError('IMAGE_UNKNOWN', `No image ${digest}.`, { digest })
      },
      replaceMetadataKeys: () => {},
      withdraw: ({ id }) => {
        throw new CodedError('RELEASE_UNKNOWN', `No release ${id}.`, { id })
      },
    },
    delta: {
      jobs: () => [],
      cut: ({ id }) => {
        throw new CodedError('DELTA_JOB_UNKNOWN', `No job ${id}.`, { id })
      },
      make: () => deltaJob('starting'),
      cuts: () => deltaJob('starting'),
      cancel: () => deltaJob('starting'),
      async *watch({ id }) {
        if (id === 404) throw new CodedError('DELTA_JOB_UNKNOWN', 'No such job.', { id })
        yield deltaJob('making')
        yield deltaJob('cutting')
      },
    },
    images: {
      list: () => [],
      info: ({ digest }) => {
        throw new CodedError('IMAGE_UNKNOWN', `No image ${digest}.`, { digest })
      },
      remove: () => {},
    },
    restore: {
      ports: () => [],
      list: () => [],
      log: () => [],
      identify: () => {
        throw new CodedError('NO_ANSWER', 'Nothing answers at that link.', { seconds: 3 })
      },
      plan: () => {
        throw new CodedError('NO_ANSWER', 'Nothing answers at that link.')
      },
      start: () => restore(0),
      cancel: () => restore(0),
      async *watch({ id }, signal) {
        watchers += 1
        try {
          if (id === 404) throw new CodedError('RESTORE_UNKNOWN', 'No such restore.', { id })
          for (let done = 0; done < 3; done++) yield restore(done)
          if (id === 1) return
          await new Promise(left => signal?.addEventListener('abort', left))
        } finally {
          watchers -= 1
        }
      },
    },
    trace: {
      list: ({ limit }) => entries.slice(-limit),
      message: sequence => {
        throw new CodedError('MESSAGE_UNKNOWN', `There is no message ${sequence}.`, { sequence })
      },
      clear: () => void entries.splice(0),
    },
    audit: { list: () => [] },
    actions: {
      async record(action) {
        performed.push({ id: performed.length + 1, at: 0, ...action })
      },
      list: () => performed,
    },
    clock: { kind: 'real', now: () => 1000 },
  }
}

/** A domain that these tests ask nothing else of. */
function emptyDomain<Name extends 'vendor' | 'rollouts' | 'settlement' | 'mail' | 'network'>(
  name: Name,
  calls: Partial<WorkbenchServices[Name]>,
): WorkbenchServices[Name] {
  return new Proxy(calls, {
    get(domain, call: string) {
      const unasked = () => {
        throw new Error(`${name}.${call} is asked, which no test expects`)
      }
      return Object.hasOwn(domain, call) ? Reflect.get(domain, call) : unasked
    },
  }) as WorkbenchServices[Name]
}

function message(sequence: number): TraceEntry {
  return {
    sequence,
    at: 1000,
    from: 'apparatus',
    to: 'handset',
    label: '0:R4',
    type: 'upload',
    fields: { offset: sequence },
    bytes: 0,
    digest: null,
    outcome: 'sent',
  }
}

function handset(name: string, operations: number): HandsetView {
  return {
    name,
    model: 'k1',
    terminalId: 'T-0001',
    link: `virtual:${name}`,
    state: 'off',
    reason: null,
    flaw: null,
    software: null,
    watchdogResets: 0,
    failedSelfTest: null,
    fault: null,
    flash: {
      bytes: 16,
      sectorBytes: 16,
      regions: [],
      sectors: '.',
      operations,
      erases: 0,
      programs: 0,
      weakCells: 0,
    },
    ram: { address: 0, bytes: 16, tasks: [], secured: null, handover: null },
    display: null,
    update: null,
    trust: null,
    keys: [],
    radio: true,
    cable: true,
    lineTaken: false,
    cutAt: null,
    faults: [],
  }
}

function deltaJob(step: string): DeltaJob {
  const image = { digest: DIGEST, name: 'fw.bin', bytes: 3 }
  return {
    id: 1,
    kind: 'cuts',
    step,
    share: 0,
    secondsLeft: null,
    old: image,
    fresh: image,
    startedAt: 1000,
    endedAt: null,
    made: null,
    cuts: null,
    error: null,
  }
}

function restore(doneBytes: number): RestoreView {
  return {
    id: 1,
    link: 'virtual:h1',
    image: { digest: DIGEST, name: 'fw.bin', bytes: 3 },
    protocol: 'smp',
    stage: 'writing',
    device: null,
    doneBytes,
    totalBytes: 3,
    bytesPerSecond: 0,
    secondsLeft: null,
    startedAt: 1000,
    endedAt: null,
    result: null,
    seconds: null,
    lineRateRatio: null,
    resumedFrom: null,
    startedOver: null,
    sha256: DIGEST,
    verified: false,
    retries: 0,
    error: null,
  }
}
