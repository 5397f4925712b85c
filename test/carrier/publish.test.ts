import { expect, test } from 'vitest'
import { carrierBench, firmware } from './carrier-bench'

test('a release is what the descriptor of its image says', async () => {
  const bench = await carrierBench()
  const release = await bench.publish('1.1.0')
  expect(release).toEqual({
    id: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    model: 'k1',
    software: { name: 'kintsugi-k1', version: '1.1.0' },
    bytes: firmware('1.1.0').length,
    publishedAt: expect.any(Number),
    withdrawnAt: null,
  })
  expect(await bench.carrier.releases()).toEqual([release])
  expect(bench.seen).toContainEqual({ kind: 'release-changed', release })
})

test.each<[what: string, content: (sound: Uint8Array) => Uint8Array, problem: RegExp]>([
  ['no descriptor', sound => sound.slice(0, 64), /nothing in it says for which model/],
  ['a byte changed', sound => sound.with(2000, 0x55 ^ (sound[2000] ?? 0)), /CRC/],
  ['its end cut off', sound => sound.slice(0, -1), /announces \d+ bytes/],
  ['bytes behind its end', sound => new Uint8Array([...sound, 1, 2]), /announces \d+\./],
])('an image with %s is no release', async (_, content, problem) => {
  const bench = await carrierBench()
  const file = { name: 'fw.bin', content: content(firmware('1.1.0')) }
  const { digest } = await bench.images.add(file)
  await expect(bench.carrier.publish({ digest })).rejects.toMatchObject({
    code: 'RELEASE_UNFIT',
    message: expect.stringMatching(problem),
  })
  expect(await bench.carrier.releases()).toEqual([])
  expect(await bench.refusals()).toEqual(['RELEASE_UNFIT'])
})

test('an image that is not in the library is no release', async () => {
  const bench = await carrierBench()
  const digest = 'ab'.repeat(32)
  await expect(bench.carrier.publish({ digest })).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN' })
})

test('a version is in the catalogue once, and again after it was withdrawn', async () => {
  const bench = await carrierBench()
  const first = await bench.publish('1.1.0')
  await expect(bench.publish('1.1.0')).rejects.toMatchObject({ code: 'RELEASE_EXISTS' })
  const withdrawn = await bench.carrier.withdraw({ id: first.id })
  expect(withdrawn.withdrawnAt).toEqual(expect.any(Number))
  // Once more changes nothing.
  expect(await bench.carrier.withdraw({ id: first.id })).toEqual(withdrawn)
  expect(await bench.publish('1.1.0')).toMatchObject({ withdrawnAt: null })
  expect(await bench.carrier.releases()).toHaveLength(2)
})

test('a release that never was cannot be withdrawn', async () => {
  const bench = await carrierBench()
  await expect(bench.carrier.withdraw({ id: 7 })).rejects.toMatchObject({ code: 'RELEASE_UNKNOWN' })
})
