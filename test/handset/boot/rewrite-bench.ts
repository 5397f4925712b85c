import { equalBytes } from '../../../src-main/base/bytes'
import { FaultPlan, parseFault } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { decideBoot, type BootCause, type BootDecision } from '../../../src-main/handset/boot/boot'
import { Journal } from '../../../src-main/handset/boot/journal'
import { judge } from '../../../src-main/handset/boot/judgement'
import { Rewriter } from '../../../src-main/handset/boot/rewriter'
import { Upload } from '../../../src-main/handset/boot/upload'
import { makeChip } from '../../../src-main/handset/chip'
import { PowerCut } from '../../../src-main/handset/flash/flash-port'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { regionOf, type RegionName } from '../../../src-main/handset/model/model'
import { readModel } from '../../../src-main/handset/model/read-model'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import type { RewriteSource } from '../../../src-main/wire/delta/rewrite-source'
import type { RewriteCase } from './rewrite-cases'

/** So small that every operation can be cut in every way: sectors of 256 bytes, pages of 64. */
export const tinyModel = readModel({
  name: 'tiny',
  flash: {
    bytes: '0x1400',
    sectorBytes: 256,
    pageBytes: 64,
    timing: { profile: 'sample', eraseMilliseconds: 45, programMilliseconds: 0.7 },
  },
  ram: { address: '0x20000000', bytes: '0x4000', tasks: [] },
  execution: { windowAddress: '0x10000000', vectorOffset: '0x100' },
  regions: [
    { name: 'protected', address: '0x0000', bytes: '0x100' },
    { name: 'executable', address: '0x100', bytes: '0x800' },
    { name: 'journal', address: '0x900', bytes: '0x300' },
    { name: 'stash', address: '0xc00', bytes: '0x300' },
    { name: 'backup', address: '0xf00', bytes: '0x300' },
    { name: 'identity', address: '0x1200', bytes: '0x100' },
    { name: 'application-storage', address: '0x1300', bytes: '0x100' },
  ],
  restore: { protocols: ['smp'], smp: { bufferBytes: 1024, bufferCount: 2 } },
})

export const FILE_BYTES = 777
export const FILE_DIGEST = nodeSha256([Uint8Array.of(7, 7, 7)])

/** A handset that left the factory with the old software and never had its power cut. */
export function tinyFlash(old: Uint8Array): NorFlash {
  const order = { model: tinyModel, name: 'bench', seed: 7, sha256: nodeSha256, software: old }
  const { flash: geometry } = tinyModel
  return new NorFlash({ geometry, timing: geometry.timing, contents: makeChip(order) })
}

function windowOf(flash: NorFlash, name: RegionName) {
  return flashWindow(flash, regionOf(tinyModel, name))
}

export interface Powered {
  readonly journal: Journal
  boot(cause?: Partial<BootCause>): BootDecision
  rewriter(source: RewriteSource, file?: { bytes: number; sha256: Uint8Array }): Rewriter
  restore(image: Uint8Array): Upload
}

/** The boot code of a handset that has power, from the moment at which it came. */
export function poweredOn(flash: NorFlash): Powered {
  const region = windowOf(flash, 'executable')
  const journal = new Journal(windowOf(flash, 'journal'))
  const place = { model: tinyModel, region, sha256: nodeSha256 }
  return {
    journal,
    boot: cause => decideBoot(place, journal, { by: 'power', ...cause }),
    rewriter: (source, file = { bytes: FILE_BYTES, sha256: FILE_DIGEST }) =>
      new Rewriter({
        region,
        journal,
        stash: windowOf(flash, 'stash'),
        backup: windowOf(flash, 'backup'),
        source,
        file,
        sha256: nodeSha256,
      }),
    restore(image) {
      const upload = new Upload({ region, journal, sha256: nodeSha256, onVerify: () => {} })
      upload.begin({ length: image.length, sha256: nodeSha256([image]) })
      if (upload.outcome === 'more') upload.take(image)
      return upload
    },
  }
}

/** Runs a rewriter to its end; how often it let others wait. */
export function runAll(rewriter: Rewriter): number {
  return [...rewriter.run()].length
}

export function powerCycle(flash: NorFlash): void {
  flash.settle()
  flash.interrupt(0)
  flash.powerUp()
}

export function holds(flash: NorFlash, image: Uint8Array): boolean {
  const { address } = regionOf(tinyModel, 'executable')
  return equalBytes(flash.peek(address, image.length), image)
}

/** Of a rewrite that nothing disturbs. */
export function operationsOf(start: NorFlash, { source }: RewriteCase): number {
  const flash = start.clone()
  runAll(poweredOn(flash).rewriter(source()))
  return flash.operations - start.operations
}

/** Every way in which the power can fail in the middle of an operation. */
export const cutKinds: readonly string[] = [
  'power-cut',
  'torn,seed=1',
  'torn,seed=2',
  'torn-word,seed=1',
  'torn-buffer,seed=1',
  'torn-buffer-any,seed=1',
  'torn-erase-zeroing,shape=1,seed=1',
  'torn-erase-zeroing,shape=2,seed=2',
  'torn-erase-rising,shape=0,seed=1',
  'torn-erase-rising,shape=1,seed=2',
  'torn-erase-rising,shape=2,seed=3',
  'weak,new=0',
  'weak,new=1',
  'weak,new=0,p=100',
  'weak,new=1,p=100',
  'disturb,seed=1',
  'disturb,seed=2',
  'weak-erase,ppm=20000',
]

/** A cut: its fault without a number, and at which operation since the power came. */
export interface Cut {
  readonly fault: string
  readonly at: number
}

/** More boots than this after the last cut are no progress. */
const BOOTS_MAX = 3

/**
 * Rewrites with the power failing again and again, the file coming anew each time. What is wrong at
 * the end; empty where the new software runs and stays what it is.
 */
export function problemsAfter(start: NorFlash, each: RewriteCase, cuts: readonly Cut[]) {
  const flash = start.clone({ faults: new FaultPlan(), random: seededRandom(1) })
  const name = cuts.map(({ fault, at }) => `${fault}@${at}`).join(' then ')
  const wrong = (what: string) => [`${name}: ${what}`]
  for (let power = 0; power < cuts.length + BOOTS_MAX; power++) {
    flash.faults.clear('flash')
    const cut = cuts[power]
    if (cut) flash.faults.add(parseFault(faultLine(cut, flash.faults.passed('flash'))))
    try {
      const outcome = liveOnce(flash, each)
      if (outcome === 'new') return staysNew(flash, each.fresh) ? [] : wrong('it did not stay')
      if (outcome !== 'rewritten') return wrong(outcome)
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
    }
    powerCycle(flash)
  }
  return wrong('it did not end')
}

function faultLine({ fault, at }: Cut, passed: number): string {
  const [kind, ...parameters] = fault.split(',')
  return [`flash:${kind}@${passed + at}`, ...parameters].join(',')
}

/** From the moment at which the power comes to the end of what the handset does by itself. */
function liveOnce(flash: NorFlash, { source, old, fresh }: RewriteCase): string {
  const powered = poweredOn(flash)
  powered.journal.confirm()
  const decision = powered.boot()
  if (decision.kind === 'restore-mode') {
    if (decision.reason !== 'needs-file') return decision.reason
  } else {
    if (holds(flash, fresh)) {
      judge(powered.journal, true)
      return 'new'
    }
    if (decision.kind === 'trial' || !holds(flash, old)) return 'damage was started'
  }
  runAll(powered.rewriter(source()))
  return 'rewritten'
}

function staysNew(flash: NorFlash, fresh: Uint8Array): boolean {
  return [1, 2, 3].every(() => {
    powerCycle(flash)
    const powered = poweredOn(flash)
    powered.journal.confirm()
    return powered.boot().kind === 'software' && holds(flash, fresh)
  })
}
