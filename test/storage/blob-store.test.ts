import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asciiBytes } from '../../src-main/base/bytes'
import { CodedError } from '../../src-main/base/coded-error'
import { realClock } from '../../src-main/observe/real-clock'
import type { BlobLimit, BlobStore } from '../../src-main/storage/blob-store'
import { FolderBlobStore } from '../../src-main/storage/folder-blob-store'
import { MemoryBlobStore } from '../../src-main/storage/memory-blob-store'
import type { RaisedNotice } from '../../src-main/storage/notices'
import { scratchFolder } from './scratch'

/** SHA-256 of "abc" (FIPS 180-4's example) and of nothing. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const ABSENT = '0'.repeat(64)

const LIMIT: BlobLimit = {
  bytes: 1000,
  tooLarge: () => new CodedError('IMAGE_TOO_LARGE', 'Too large.'),
}

describe.each([
  ['in memory', async () => new MemoryBlobStore()],
  ['in a folder', () => openFolder(scratchFolder())],
])('a blob store %s', (_where, open: () => Promise<BlobStore>) => {
  test('names what it keeps by its SHA-256 and gives it back', async () => {
    const blobs = await open()
    const pieces = [asciiBytes('a'), asciiBytes(''), asciiBytes('bc')]
    expect(await blobs.put(pieces, LIMIT)).toEqual({ digest: ABC, bytes: 3 })
    expect(Array.from((await blobs.get(ABC)) ?? [])).toEqual([0x61, 0x62, 0x63])
    expect(await blobs.has(ABC)).toBe(true)
  })

  test('keeps an empty blob too', async () => {
    const blobs = await open()
    expect(await blobs.put([], LIMIT)).toEqual({ digest: NOTHING, bytes: 0 })
    expect(await blobs.get(NOTHING)).toHaveLength(0)
  })

  test('takes bytes as they arrive, from a sender that uses its buffer again', async () => {
    const blobs = await open()
    const buffer = new Uint8Array(1)
    async function* oneByOne() {
      for (const letter of asciiBytes('abc')) {
        await new Promise(done => setImmediate(done))
        buffer[0] = letter
        yield buffer
      }
    }
    expect(await blobs.put(oneByOne(), LIMIT)).toEqual({ digest: ABC, bytes: 3 })
    expect(Array.from((await blobs.get(ABC)) ?? [])).toEqual([0x61, 0x62, 0x63])
  })

  test('has nothing that was never put, or was removed', async () => {
    const blobs = await open()
    expect(await blobs.get(ABSENT)).toBeUndefined()
    expect(await blobs.has(ABSENT)).toBe(false)
    await blobs.put([asciiBytes('abc')], LIMIT)
    await blobs.remove(ABC)
    await blobs.remove(ABC)
    expect(await blobs.get(ABC)).toBeUndefined()
  })

  test('is read in pieces, without holding all of it', async () => {
    const blobs = await open()
    const whole = Uint8Array.from({ length: 700_000 }, (_, index) => index % 251)
    const { digest } = await blobs.put([whole], { ...LIMIT, bytes: 700_000 })
    const reading = await blobs.read(digest)
    expect(reading?.bytes).toBe(700_000)
    const pieces = await Array.fromAsync(reading?.pieces() ?? [])
    expect(pieces.length).toBeGreaterThan(2)
    expect(Buffer.concat(pieces).equals(whole)).toBe(true)
    const { digest: empty } = await blobs.put([], LIMIT)
    expect(await Array.fromAsync((await blobs.read(empty))?.pieces() ?? [])).toEqual([])
    expect(await blobs.read(ABSENT)).toBeUndefined()
  })

  test('stops reading as soon as the limit is passed', async () => {
    const blobs = await open()
    let read = 0
    function* endless() {
      for (;;) {
        read += 1
        yield new Uint8Array(300)
      }
    }
    await expect(blobs.put(endless(), LIMIT)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' })
    expect(read).toBe(4)
    const exact = await blobs.put([new Uint8Array(1000)], LIMIT)
    expect(exact.bytes).toBe(1000)
  })

  test('passes on what goes wrong with the content and keeps nothing of it', async () => {
    const blobs = await open()
    const failure = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    async function* breaking() {
      yield asciiBytes('abc')
      throw failure
    }
    await expect(blobs.put(breaking(), LIMIT)).rejects.toBe(failure)
    expect(await blobs.has(ABC)).toBe(false)
  })

  test('takes the same content several times at once', async () => {
    const blobs = await open()
    const puts = await Promise.all([1, 2, 3, 4].map(() => blobs.put([asciiBytes('abc')], LIMIT)))
    expect(new Set(puts.map(blob => blob.digest))).toEqual(new Set([ABC]))
    expect(await blobs.get(ABC)).toHaveLength(3)
  })
})

test.each(['../secret', ABC.toUpperCase(), '', `${ABC}x`])(
  'no path leaves the folder: %j is refused',
  async name => {
    const blobs = await openFolder(scratchFolder())
    await expect(blobs.get(name)).rejects.toThrow(/64 lower-case/)
    await expect(blobs.has(name)).rejects.toThrow(/64 lower-case/)
    await expect(blobs.remove(name)).rejects.toThrow(/64 lower-case/)
  },
)

test('a refused upload leaves no file', async () => {
  const folder = scratchFolder()
  const blobs = await openFolder(folder)
  const refused = blobs.put([new Uint8Array(2000)], LIMIT)
  await expect(refused).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' })
  expect(readdirSync(folder)).toEqual([])
})

test('what a killed process left unfinished is removed when the store is opened', async () => {
  const folder = scratchFolder()
  const blobs = await openFolder(folder)
  await blobs.put([asciiBytes('abc')], LIMIT)
  writeFileSync(join(folder, '.incoming-8f6f2f60-0000-4000-8000-000000000000'), 'half of an im')
  const reopened = await openFolder(folder)
  expect(readdirSync(folder)).toEqual([ABC])
  expect(await reopened.get(ABC)).toHaveLength(3)
})

test('a blob whose bytes changed on the disk is set aside and told, then absent', async () => {
  const folder = scratchFolder()
  const notices: RaisedNotice[] = []
  const blobs = await openFolder(folder, notices)
  await blobs.put([asciiBytes('abc')], LIMIT)
  writeFileSync(join(folder, ABC), 'abd')

  await expect(blobs.get(ABC)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' })
  const [aside] = readdirSync(folder)
  expect(aside).toMatch(new RegExp(`^${ABC}\\.damaged-\\d{8}T\\d{6}Z$`))
  expect(readFileSync(join(folder, aside!), 'utf8')).toBe('abd')
  expect(notices).toEqual([
    { severity: 'error', code: 'BLOB_DAMAGED', message: expect.stringContaining(aside!) },
  ])
  expect(await blobs.get(ABC)).toBeUndefined()
})

test('of a blob that rotted nobody reads the last piece', async () => {
  const folder = scratchFolder()
  const blobs = await openFolder(folder)
  const { digest } = await blobs.put([new Uint8Array(600_000)], { ...LIMIT, bytes: 600_000 })
  writeFileSync(join(folder, digest), new Uint8Array(600_000).fill(1, 599_999))
  const reading = await blobs.read(digest)
  let bytes = 0
  const readAll = async () => {
    for await (const piece of reading?.pieces() ?? []) bytes += piece.length
  }
  await expect(readAll()).rejects.toMatchObject({ code: 'BLOB_DAMAGED' })
  expect(bytes).toBeLessThan(600_000)
  expect(await blobs.read(digest)).toBeUndefined()
})

test('putting the same file again replaces a copy that has rotted', async () => {
  const folder = scratchFolder()
  const blobs = await openFolder(folder)
  await blobs.put([asciiBytes('abc')], LIMIT)
  writeFileSync(join(folder, ABC), 'ab')
  await blobs.put([asciiBytes('abc')], LIMIT)
  expect(await blobs.get(ABC)).toHaveLength(3)
})

test('a folder that has gone is named as what it is', async () => {
  const folder = scratchFolder()
  const blobs = await openFolder(folder)
  rmSync(folder, { recursive: true })
  await expect(blobs.put([asciiBytes('abc')], LIMIT)).rejects.toMatchObject({
    code: 'DATA_DIR_UNUSABLE',
  })
  expect(existsSync(folder)).toBe(false)
})

test('a large blob in uneven pieces comes back equal', async () => {
  const blobs = await openFolder(scratchFolder())
  const whole = Uint8Array.from({ length: 3_000_001 }, (_, index) => (index * 31) >> 3)
  function* pieces() {
    for (let at = 0, size = 1; at < whole.length; at += size, size = (size * 7) % 65_537) {
      yield whole.subarray(at, at + size)
    }
  }
  const blob = await blobs.put(pieces(), { ...LIMIT, bytes: 4_000_000 })
  expect(blob.digest).toBe(createHash('sha256').update(whole).digest('hex'))
  expect(Buffer.from((await blobs.get(blob.digest))!).equals(whole)).toBe(true)
})

function openFolder(folder: string, notices: RaisedNotice[] = []): Promise<FolderBlobStore> {
  const raise = (notice: RaisedNotice) => void notices.push(notice)
  return FolderBlobStore.open({ folder, clock: realClock, raise })
}
