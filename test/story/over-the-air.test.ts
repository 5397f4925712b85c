import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorkbench, type Workbench } from '../../src-main/api'
import type { HandsetView } from '../../src-main/contract/handsets'
import { CONTRACT_VERSION } from '../../src-main/contract/constants'

const NAME = 'H-1'
/** Flash operations after which a rewrite of k1-1.0.0 has erased some of its sectors. */
const IN_THE_MIDDLE = 60
const LINK = `virtual:${NAME}`

function firmware(version: string): Uint8Array {
  const path = resolve(import.meta.dirname, `../../resources/firmware/k1-${version}.bin`)
  return new Uint8Array(readFileSync(path))
}

describe('software comes over the air', () => {
  let workbench: Workbench
  const digests = new Map<string, string>()
  beforeEach(async () => {
    workbench = await createWorkbench()
    for (const version of ['1.0.0', '1.1.0']) {
      const { digest } = await workbench.upload(`k1-${version}.bin`, firmware(version))
      digests.set(version, digest)
    }
    await publish('1.1.0')
    const made = { name: NAME, bricked: false, software: '1.0.0' }
    await workbench.handsets.create(made)
    await until(({ state }) => state === 'normal')
  })
  afterEach(() => workbench.close())

  const publish = (version: string) =>
    workbench.carrier.publish({ digest: digests.get(version) ?? '' })

  /** The handset as soon as it is so; every change of it is looked at. */
  async function until(is: (handset: HandsetView) => boolean): Promise<HandsetView> {
    for await (const frame of await workbench.app.connect({ contract: CONTRACT_VERSION })) {
      const handsets =
        frame.kind === 'snapshot'
          ? frame.snapshot.handsets
          : frame.kind === 'events'
            ? frame.events.flatMap(event =>
                event.kind === 'handset-changed' ? [event.handset] : [],
              )
            : []
      const found = handsets.find(handset => handset.name === NAME && is(handset))
      if (found) return found
    }
    throw new Error('The connection has ended.')
  }

  const isOver = ({ update }: HandsetView) => update !== null && update.endedAt !== null

  /** A handset asks again where the file is still being made; only the inquiry answered counts. */
  async function steps(): Promise<string[]> {
    const labels = (await workbench.observe.trace({})).map(({ label }) => label).filter(Boolean)
    return labels.filter((label, index) => label !== '0:U1' || labels[index + 1] === '0:U3')
  }

  /** SHA-256 of what the executable region begins with. */
  async function flashDigest(bytes: number): Promise<string> {
    const region = (await only()).flash.regions.find(({ name }) => name === 'executable')
    const digest = createHash('sha256')
    for (let at = 0; at < bytes; at += 65_536) {
      const length = Math.min(65_536, bytes - at)
      const address = (region?.address ?? 0) + at
      const { hex } = await workbench.handsets.flash({ name: NAME, address, length })
      digest.update(Buffer.from(hex, 'hex'))
    }
    return digest.digest('hex')
  }

  async function only(): Promise<HandsetView> {
    const [handset] = await workbench.handsets.list()
    if (!handset) throw new Error('There is a handset.')
    return handset
  }

  const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  async function expectNew(): Promise<void> {
    const fresh = firmware('1.1.0')
    expect(await flashDigest(fresh.length)).toBe(sha256Of(fresh))
    expect(await workbench.carrier.devices()).toMatchObject([
      { software: { version: '1.1.0' }, update: { state: 'updated', to: { version: '1.1.0' } } },
    ])
  }

  test('from the inquiry to the new software that reports itself [S0-16] [S0-18] [S0-20] [S0-25] [S0-29] [S0-39]', async () => {
    const before = await workbench.handsets.states({ name: NAME })
    await workbench.handsets.update({ name: NAME })
    const done = await until(isOver)
    expect(done.update).toMatchObject({ outcome: 'updated', kind: 'differential' })
    expect(done).toMatchObject({ state: 'normal', software: { version: '1.1.0' } })
    expect(done.ram.secured).toBeNull()
    expect(done.ram.tasks.every(({ limited }) => !limited)).toBe(true)
    const states = (await workbench.handsets.states({ name: NAME })).slice(before.length)
    expect(states.map(({ to }) => to)).toEqual([
      'limiting',
      'secured',
      'requesting',
      'receiving',
      'stored',
      'rewriting',
      'judging',
      'normal',
    ])
    expect(await steps()).toEqual(['0:U1', '0:U3', '0:U5', '0:U6', '0:U10'])
    await expectNew()
    expect(await workbench.observe.audit({})).toEqual([])
  })

  test('nothing newer is there: the handset stays as it is [S0-44]', async () => {
    const [release] = await workbench.carrier.releases()
    await workbench.carrier.withdraw({ id: release?.id ?? 0 })
    await workbench.handsets.update({ name: NAME })
    const done = await until(isOver)
    expect(done).toMatchObject({ state: 'normal', update: { outcome: 'no-update' } })
    expect(await steps()).toEqual(['0:U1', '0:U3'])
  })

  async function cutInTheMiddle(): Promise<HandsetView> {
    await workbench.handsets.cutPower({ name: NAME, inOperations: IN_THE_MIDDLE })
    await workbench.handsets.update({ name: NAME })
    await until(({ state }) => state === 'off')
    await workbench.handsets.power({ name: NAME, on: true })
    return until(({ state }) => state === 'needs-file')
  }

  test('the power is cut in the rewriting: the same file comes again and finishes it [S0-37] [S0-39]', async () => {
    const cut = await cutInTheMiddle()
    expect(cut.reason).toBe('needs-file')
    const [first] = await workbench.carrier.updates({})
    await workbench.handsets.update({ name: NAME })
    const done = await until(handset => isOver(handset) && handset.state === 'normal')
    expect(done.update?.outcome).toBe('updated')
    expect(await steps()).toEqual([
      '0:U1',
      '0:U3',
      '0:U5',
      '0:U6',
      '0:U1',
      '0:U3',
      '0:U5',
      '0:U6',
      '0:U10',
    ])
    expect(await workbench.carrier.updates({})).toMatchObject([{ id: first?.id }])
    await expectNew()
  })

  test('the power is cut in the rewriting: the wire restores it as well [S0-24] [S0-32] [S0-37]', async () => {
    await cutInTheMiddle()
    const digest = digests.get('1.0.0') ?? ''
    const { id } = await workbench.restore.start({ link: LINK, digest })
    const views = []
    for await (const view of await workbench.restore.watch({ id })) views.push(view)
    expect(views.at(-1)?.error).toBeNull()
    const restored = await until(({ state }) => state === 'normal')
    expect(restored.software?.version).toBe('1.0.0')
    const old = firmware('1.0.0')
    expect(await flashDigest(old.length)).toBe(sha256Of(old))
  })
})
