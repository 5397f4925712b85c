import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { releaseRecord, SOFTWARE_BYTES_MAX } from '../../src-main/wire/vendor/messages'
import { scratchFolder } from '../storage/scratch'
import { accessorOf, FREE, sha256Of, vendorBench } from './vendor-bench'

async function* repeated(piece: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < times; count++) yield piece
}

test('a file that is no firmware is kept once, and handed out as it is', async () => {
  const bench = await vendorBench()
  const base = await bench.open('Vendor A')
  const content = new TextEncoder().encode('#!/bin/sh\necho installed\n')
  const added = await bench.vendor.addPackage({ name: '/home/me/player.sh', content })
  expect(added).toMatchObject({ name: 'player.sh', bytes: 25, digest: sha256Of(content) })
  await bench.vendor.addPackage({ name: 'again.sh', content: repeated(content, 1) })
  expect(await bench.vendor.packages()).toEqual([added])
  const release = await bench.vendor.register({
    vendorName: 'Vendor A',
    digest: added.digest,
    softwareName: 'player',
    version: '2024-11',
    additional: FREE,
  })
  expect(release).toMatchObject({ kind: 'package', model: null, bytes: 25, digest: added.digest })
  const answer = await accessorOf(base).software(release.id)
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(content)
  // Signed metadata is for handsets, and those take firmware.
  const record = (await (await accessorOf(base).release(release.id)).json()) as {
    metadata: { targets: string }
  }
  expect(JSON.parse(record.metadata.targets)).toMatchObject({ signed: { targets: {} } })
})

test('metadata that had ended is signed again with a package, or the carrier would refuse it', async () => {
  const clock = new VirtualClock()
  const bench = await vendorBench({ clock })
  const base = await bench.open('Vendor A')
  const { metadataExpiresAt } = (await bench.vendor.list())[0]!
  await clock.advance(100 * 86_400_000)
  const { id } = await bench.registerPackage('Vendor A', new Uint8Array(9))
  const record = releaseRecord.parse(await (await accessorOf(base).release(id)).json())
  const { signed } = JSON.parse(record.metadata.targets) as { signed: { expires: string } }
  expect(metadataExpiresAt).toBeLessThan(clock.now())
  expect(Date.parse(signed.expires)).toBe(clock.now() + 90 * 86_400_000)
})

test('a file that is too large, breaks off or is empty leaves nothing', async () => {
  const dataDir = scratchFolder()
  const bench = await vendorBench({ dataDir })
  const adding = (content: AsyncIterable<Uint8Array>) =>
    bench.vendor.addPackage({ name: 'x', content })
  async function* breaking() {
    yield new Uint8Array(10)
    throw new Error('socket hang up')
  }
  await expect(adding(repeated(new Uint8Array(0), 3))).rejects.toMatchObject({
    code: 'RELEASE_UNFIT',
  })
  await expect(adding(breaking())).rejects.toThrow(/hang up/)
  expect(await bench.vendor.packages()).toEqual([])
  expect(readdirSync(join(dataDir, 'blobs'))).toEqual([])
})

test('a gigabyte is taken in without holding it, and not a byte more', async () => {
  const kept: number[] = []
  const bench = await vendorBench()
  // Counts in place of keeping, as the folder does on the disk.
  bench.blobs.put = async (content, limit) => {
    let bytes = 0
    for await (const piece of content) {
      bytes += piece.length
      if (bytes > limit.bytes) throw limit.tooLarge()
    }
    kept.push(bytes)
    return { digest: 'ab'.repeat(32), bytes }
  }
  const mebibyte = new Uint8Array(1024 * 1024)
  const name = 'x'
  const whole = repeated(mebibyte, SOFTWARE_BYTES_MAX / mebibyte.length)
  expect(await bench.vendor.addPackage({ name, content: whole })).toMatchObject({
    bytes: SOFTWARE_BYTES_MAX,
  })
  const more = repeated(mebibyte, SOFTWARE_BYTES_MAX / mebibyte.length + 1)
  await expect(bench.vendor.addPackage({ name, content: more })).rejects.toMatchObject({
    code: 'PACKAGE_TOO_LARGE',
    data: { limit: SOFTWARE_BYTES_MAX },
  })
  expect(kept).toEqual([SOFTWARE_BYTES_MAX])
})
