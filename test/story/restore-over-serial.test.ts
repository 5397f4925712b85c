import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ptyPair, type PtyPair } from '../link/pty'
import { peer } from '../support/peers'
import { KintsugiProcess, FIRMWARE, run, scratchFolder } from './kintsugi'

const EXECUTABLE_ADDRESS = 0x10000
const FIRMWARE_SHA256 = 'c3c1c159efe01dd86549281d835cd00e729200d2d9ab15c2b9f2446288906c17'
const FAST = '@3000000'

describe.skipIf(!peer('socat'))('a bricked handset at the end of a serial line', () => {
  const scratch = scratchFolder()
  let pair: PtyPair
  let handset: KintsugiProcess | undefined
  beforeEach(async () => void (pair = await ptyPair()))
  afterEach(async () => {
    await handset?.stop()
    await pair.remove()
  })
  afterAll(() => scratch.remove())

  async function bricked(rate: string, ...options: string[]): Promise<KintsugiProcess> {
    const link = `serial:${pair.a}${rate}`
    const started = new KintsugiProcess(
      'handset',
      'run',
      link,
      '--bricked',
      '--protocol',
      'smp',
      ...options,
    )
    handset = started
    await started.line(/^ready$/)
    return started
  }

  test('is restored with a real image, and its flash holds exactly that [S0-24] [S0-31] [S0-42]', async () => {
    const chip = scratch.file('chip.bin')
    const started = await bricked('', '--save', chip)
    const { exitCode, stdout } = await run('restore', `serial:${pair.b}`, FIRMWARE, '--json')
    const image = readFileSync(FIRMWARE)
    expect(JSON.parse(stdout)).toMatchObject({
      link: `serial:${pair.b}@115200`,
      result: 'written',
      protocol: 'smp',
      verified: true,
      bytes: image.length,
      sha256: FIRMWARE_SHA256,
      retries: 0,
      error: null,
    })
    expect(exitCode).toBe(0)
    expect(await started.stop()).toMatchObject({ exitCode: 0 })
    const region = readFileSync(chip).subarray(EXECUTABLE_ADDRESS)
    expect(Buffer.compare(region.subarray(0, image.length), image)).toBe(0)
    const sectorRest = region.subarray(image.length, Math.ceil(image.length / 4096) * 4096)
    expect(sectorRest.every(byte => byte === 0xff)).toBe(true)
  }, 600_000)

  test('says who it is [S0-31]', async () => {
    await bricked(FAST, '--name', 'T-0001')
    const link = `serial:${pair.b}${FAST}`
    const { exitCode, stdout } = await run('identify', link, '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      protocol: 'smp',
      device: { mode: 'restore-mode', information: expect.stringMatching(/^Kintsugi k1/) },
      software: null,
      memory: { bufferBytes: 1024, bufferCount: 4 },
    })
  })

  test('is left alone by Ctrl-C half-way, and restored afterwards [S0-40]', async () => {
    await bricked(FAST)
    const link = `serial:${pair.b}${FAST}`
    const restoring = new KintsugiProcess('restore', link, FIRMWARE, '--json')
    await handset?.line(/^restore-writing/)
    const interrupted = await restoring.stop('SIGINT')
    expect(interrupted.exitCode).toBe(130)
    expect(JSON.parse(interrupted.stdout)).toMatchObject({
      result: 'interrupted',
      verified: false,
      error: { code: 'CANCELLED' },
    })
    const again = await run('restore', link, FIRMWARE, '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ result: 'written', verified: true })
    const third = await run('restore', link, FIRMWARE, '--json')
    expect(JSON.parse(third.stdout)).toMatchObject({ result: 'up-to-date', bytes: 0 })
    expect([again.exitCode, third.exitCode]).toEqual([0, 0])
  })

  test('that is not there is missed in words, with exit code 1', async () => {
    const { exitCode, stdout, stderr } = await run('identify', `serial:${pair.b}`, '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_ANSWER' } })
    expect(stderr).toMatch(/^kintsugi: Nothing answers at serial:/m)
  })
})
