import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { encodeDescriptor } from '../../src-main/wire/image/descriptor'
import { noise } from '../restore/workshop'
import { handsetOverTcp, KintsugiProcess, FIRMWARE, run, scratchFolder } from './kintsugi'

const IMAGE = 'resources/firmware/k1-1.1.0.bin'

describe('what a restore would do', () => {
  const scratch = scratchFolder()
  const running: KintsugiProcess[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })
  afterAll(() => scratch.remove())

  /** A bricked handset, and whether its chip is to the byte what it was. */
  async function bricked(name: string, ...options: string[]) {
    const [before, after] = [scratch.file(`${name}-before.bin`), scratch.file(`${name}-after.bin`)]
    const chip = ['--flash', before, '--save', after]
    const { handset, link } = await handsetOverTcp(...chip, ...options)
    running.push(handset)
    const isUnchanged = async () => {
      const { stderr } = await handset.stop()
      const isSame = Buffer.compare(readFileSync(before), readFileSync(after)) === 0
      return isSame && !stderr.includes('restore-writing')
    }
    return { link, isUnchanged }
  }

  test('is told by --plan, and nothing is written', async () => {
    const { link, isUnchanged } = await bricked('plan')
    const words = ['restore', link, IMAGE, '--plan']
    const { exitCode, stdout } = await run(...words, '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      plan: {
        link,
        verdict: 'write',
        device: { device: { model: 'k1', mode: 'restore-mode' }, memory: { slotBytes: 0x180000 } },
        erased: { slot: 0, bytes: 0x180000 },
        written: { fromByte: 0, bytes: readFileSync(IMAGE).length },
        seconds: null,
      },
    })
    const forPeople = await run(...words)
    expect(forPeople.stdout).toMatch(
      /^tcp:.*: K1-[0-9A-F]{12} \(restore-mode\), lists no software\n/,
    )
    expect(forPeople.stdout).toContain('  Plan: write. The device does not hold this image.\n')
    expect(forPeople.stdout).toMatch(/ On the line: \d+ bytes out in 45 requests, \d+ bytes back\./)
    expect(await isUnchanged()).toBe(true)
  })

  test('is refused for an image of another model, also with --force, and nothing is sent', async () => {
    const image = noise(20_000)
    const facts = { model: 'k2', name: 'other', version: '1.0.0', agentLevel: 1 }
    image.set(encodeDescriptor({ ...facts, bytes: image.length, crc32: 0 }), 0x40)
    const file = scratch.file('k2.bin')
    writeFileSync(file, image)
    const { link, isUnchanged } = await bricked('other')
    const planned = await run('restore', link, file, '--plan', '--json')
    expect(planned.exitCode).toBe(1)
    expect(JSON.parse(planned.stdout).plan).toMatchObject({ verdict: 'refused', written: null })
    const { exitCode, stdout } = await run('restore', link, file, '--force', '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'refused',
      bytes: 0,
      error: {
        code: 'IMAGE_UNFIT',
        message: expect.stringContaining(
          'The image was made for k2, and the device is a k1. Choose',
        ),
      },
    })
    expect(await isUnchanged()).toBe(true)
  })

  test('comes true for a foreign image: written, verified, not restored', async () => {
    const { link } = await bricked('foreign', '--encoding', 'raw')
    const { exitCode, stdout } = await run('restore', link, FIRMWARE, '--encoding', 'raw', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ result: 'written', verified: true, encoding: 'raw' })
  })

  test('at several links is one list', async () => {
    const links = [await bricked('one'), await bricked('two', '--encoding', 'raw')]
    const { stdout } = await run(
      'restore',
      ...links.map(({ link }) => link),
      IMAGE,
      '--plan',
      '--json',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      plans: [
        { link: links[0]!.link, verdict: 'write', device: { encoding: 'console' } },
        { link: links[1]!.link, verdict: 'write', device: { encoding: 'raw' } },
      ],
    })
  })
})
