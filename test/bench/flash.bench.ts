import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { modelNamed } from '../../src-main/handset/service/models'

const MEASURED_MS = 400
const WARM_UP_MS = 100
const MIB = 1024 * 1024

const { flash: k1 } = modelNamed('k1')
const { timing, sectorBytes, pageBytes } = k1

/** How often something can be done in a second; what it gives is kept from being optimised away. */
function perSecond(act: (round: number) => { readonly length: number } | number): number {
  let kept = 0
  const run = (milliseconds: number): number => {
    const startedAt = performance.now()
    let rounds = 0
    let elapsed = 0
    while (elapsed < milliseconds) {
      for (let batch = 0; batch < 8; batch++) {
        const result = act(rounds++)
        kept += typeof result === 'number' ? result : result.length
      }
      elapsed = performance.now() - startedAt
    }
    return (1000 * rounds) / elapsed
  }
  run(WARM_UP_MS)
  const rate = run(MEASURED_MS)
  return kept > 0 ? rate : 0
}

interface Peer {
  readonly name: string
  readonly rate: number
}

/** Prints a rate and its ratio to a peer's, and gives the ratio. */
function report(what: string, ours: number, peer: Peer): number {
  const ratio = ours / peer.rate
  console.log(
    `${what}: ${Math.round(ours)}/s, ${ratio.toPrecision(3)} times ${peer.name} (${Math.round(peer.rate)}/s)`,
  )
  return ratio
}

function chipOf(bytes: number): { readonly flash: NorFlash; readonly contents: Uint8Array } {
  const contents = seededRandom(1).bytes(bytes)
  const geometry = { bytes, sectorBytes, pageBytes }
  return { flash: new NorFlash({ geometry, timing, contents }), contents }
}

describe.each([
  ['k1, 2 MiB', 2 * MIB],
  ['16 MiB', 16 * MIB],
])('flash of %s', (name, bytes) => {
  const { flash, contents } = chipOf(bytes)
  const peer = { name: 'a slice of the bytes', rate: perSecond(() => contents.slice()) }

  test('clones', () => {
    const clones = perSecond(() => flash.clone().operations + 1)
    expect(report(`flash clones, ${name}`, clones, peer)).toBeGreaterThan(0)
  })

  test('clones of which one sector is changed', () => {
    const changed = perSecond(() => {
      const copy = flash.clone()
      copy.erase(0)
      copy.program(0, contents.subarray(0, pageBytes))
      return copy.operations
    })
    expect(report(`flash clones with one sector changed, ${name}`, changed, peer)).toBeGreaterThan(
      0,
    )
  })

  test('clones of a chip that is shared with a CPU', () => {
    const share = (length: number) => new Uint8Array(new SharedArrayBuffer(length))
    const shared = new NorFlash({ geometry: flash.geometry, timing, contents, share })
    const clones = perSecond(() => shared.clone().operations + 1)
    expect(report(`flash clones of a shared chip, ${name}`, clones, peer)).toBeGreaterThan(0)
  })
})

describe.each(['its own', 'shared'])('operations on a chip with memory of %s', memory => {
  const share = (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes))
  const page = seededRandom(2).bytes(pageBytes)
  const cells = new Uint8Array(k1.bytes)
  const sectors = k1.bytes / sectorBytes
  const tireless = { ...timing, endurance: Number.MAX_SAFE_INTEGER }
  const options = { geometry: k1, timing: tireless }
  const flash = new NorFlash(memory === 'shared' ? { ...options, share } : options)

  test('programs', () => {
    const pages = k1.bytes / pageBytes
    // Programming the same bits again changes nothing and takes as long.
    const ours = perSecond(round => {
      flash.program((round % pages) * pageBytes, page)
      return 1
    })
    const bare = perSecond(round => {
      cells.set(page, (round % pages) * pageBytes)
      return 1
    })
    const peer = { name: 'a bare set', rate: bare }
    expect(
      report(`flash programs of ${pageBytes} bytes, memory ${memory}`, ours, peer),
    ).toBeGreaterThan(0)
  })

  test('erases', () => {
    const ours = perSecond(round => {
      flash.erase((round % sectors) * sectorBytes)
      return 1
    })
    const bare = perSecond(round => {
      const address = (round % sectors) * sectorBytes
      cells.fill(0xff, address, address + sectorBytes)
      return 1
    })
    const peer = { name: 'a bare fill', rate: bare }
    expect(
      report(`flash erases of ${sectorBytes} bytes, memory ${memory}`, ours, peer),
    ).toBeGreaterThan(0)
  })
})
