import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import { IMAGE_FILE_BYTES_MAX } from '../../src-main/contract/constants'
import { storedImage } from '../../src-main/contract/images'
import { ImageService } from '../../src-main/images/image-service'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { openStorage, type Storage } from '../../src-main/storage/open-storage'
import { seededRandom } from '../../src-main/base/random'
import { scratchFolder } from '../storage/scratch'
import { hex, HEX_END, hexLine, lines } from '../wire/image/files'

interface Library {
  readonly images: ImageService
  readonly storage: Storage
  readonly clock: VirtualClock
  readonly events: WorkbenchEvent[]
  readonly refusals: { actor: string; code: string; message: string }[]
}

async function openLibrary(dataDir?: string): Promise<Library> {
  const clock = new VirtualClock()
  const storage = await openStorage({ clock, ...(dataDir === undefined ? {} : { dataDir }) })
  const events: WorkbenchEvent[] = []
  const refusals: Library['refusals'] = []
  const images = new ImageService({
    db: storage.db,
    blobs: storage.blobs,
    clock,
    events: { publish: event => void events.push(event) },
    audit: { refuse: refusal => void refusals.push(refusal) },
    raise: storage.raise,
  })
  return { images, storage, clock, events, refusals }
}

const RAW = seededRandom(5).bytes(1000)
const RAW_DIGEST = hash('sha256', RAW, 'hex')
const HEX_FILE = lines(hexLine(0, 0x10, 'aa'), HEX_END)
const UNKNOWN = 'f'.repeat(64)

let library: Library
beforeEach(async () => {
  library = await openLibrary()
})

describe('adding', () => {
  test('an image is listed with what it holds, and told to all', async () => {
    const { images, events, clock } = library
    const stored = await images.add({ name: '/tmp/new.bin', content: RAW })
    expect(storedImage.parse(stored)).toEqual(stored)
    expect(stored).toMatchObject({
      digest: RAW_DIGEST,
      name: 'new.bin',
      fileBytes: 1000,
      addedAt: clock.now(),
      info: { format: 'bin', bytes: 1000, sha256: RAW_DIGEST, fileSha256: RAW_DIGEST },
    })
    expect(await images.list()).toEqual([stored])
    expect(await images.info({ digest: RAW_DIGEST })).toEqual(stored)
    expect(events).toEqual([{ kind: 'image-added', image: stored }])
  })

  test('content may arrive in pieces, of buffers that are used again', async () => {
    const buffer = Buffer.alloc(100)
    async function* pieces() {
      for (let at = 0; at < RAW.length; at += buffer.length) {
        buffer.set(RAW.subarray(at, at + buffer.length))
        yield buffer
      }
    }
    const { digest } = await library.images.add({ name: 'a', content: pieces() })
    expect(digest).toBe(RAW_DIGEST)
  })

  test('the caller may change its bytes as soon as it has called', async () => {
    const content = Buffer.from(RAW)
    const added = library.images.add({ name: 'a', content })
    content.fill(0)
    expect((await added).digest).toBe(RAW_DIGEST)
    expect((await library.images.read(RAW_DIGEST)).image.segments[0]?.data).toEqual(RAW)
  })

  test('the same bytes again are the same entry, also at once and under another name', async () => {
    const { images, events, clock } = library
    const [first, second] = await Promise.all([
      images.add({ name: 'first.bin', content: RAW }),
      images.add({ name: 'second.bin', content: RAW }),
    ])
    await clock.advance(1000)
    const third = await images.add({ name: 'third.bin', content: RAW })
    expect([second, third]).toEqual([first, first])
    expect(await images.list()).toEqual([first])
    expect(events).toHaveLength(1)
  })

  test('the newest is first', async () => {
    const { images, clock } = library
    await images.add({ name: 'old', content: RAW })
    await clock.advance(1)
    await images.add({ name: 'new', content: HEX_FILE })
    expect((await images.list()).map(({ name }) => name)).toEqual(['new', 'old'])
  })
})

describe('refusals', () => {
  test.each([
    ['IMAGE_DAMAGED', new Uint8Array(), 'The file is empty (0 bytes).'],
    ['IMAGE_DAMAGED', lines(hexLine(0, 0, 'aa')), 'The Intel HEX file is damaged at byte 14'],
    ['IMAGE_FOREIGN', hex('504b0304ff'), 'The file is a ZIP archive.'],
    [
      'IMAGE_TOO_LARGE',
      new Uint8Array(IMAGE_FILE_BYTES_MAX + 1),
      'The file is too large: an image file has at most 67108864 bytes.',
    ],
  ])('%s leaves nothing but its record', async (code, content, message) => {
    const dataDir = scratchFolder()
    const { images, events, refusals, storage } = await openLibrary(dataDir)
    const refused = images.add({ name: 'wrong.bin', content })
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(await images.list()).toEqual([])
    expect(events).toEqual([])
    expect(refusals).toEqual([
      { actor: 'image library', code, message: expect.stringContaining(`wrong.bin: ${message}`) },
    ])
    expect(readdirSync(join(dataDir, 'blobs'))).toEqual([])
    await storage.close()
  })

  test('an endless file is given up as soon as it is too long', async () => {
    const piece = new Uint8Array(1024 * 1024).fill(1)
    let taken = 0
    async function* endless() {
      for (;;) {
        taken += 1
        yield piece
      }
    }
    const refused = library.images.add({ name: 'zero', content: endless() })
    await expect(refused).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' })
    expect(taken).toBe(65)
  })

  test('a sender that breaks off is no refusal', async () => {
    async function* broken() {
      yield RAW
      throw new Error('the line broke')
    }
    const { images, refusals } = library
    await expect(images.add({ name: 'a', content: broken() })).rejects.toThrow('the line broke')
    expect(await images.list()).toEqual([])
    expect(refusals).toEqual([])
  })
})

describe('reading and removing', () => {
  test('an image is read with its segments', async () => {
    const { images } = library
    const stored = await images.add({ name: 'a.hex', content: HEX_FILE })
    const read = await images.read(stored.digest)
    expect(read.stored).toEqual(stored)
    expect(read.image.segments).toEqual([{ address: 0x10, data: hex('aa') }])
  })

  test('a removed image is gone, its bytes as well, and told to all', async () => {
    const { images, events, storage } = library
    await images.add({ name: 'a', content: RAW })
    await images.remove({ digest: RAW_DIGEST })
    expect(await images.list()).toEqual([])
    expect(await storage.blobs.has(RAW_DIGEST)).toBe(false)
    expect(events.at(-1)).toEqual({ kind: 'image-removed', digest: RAW_DIGEST })
  })

  test('what is not there is named', async () => {
    const { images } = library
    const unknown = {
      code: 'IMAGE_UNKNOWN',
      message: `No image ${UNKNOWN} is in the library. Add the file first.`,
    }
    await expect(images.info({ digest: UNKNOWN })).rejects.toMatchObject(unknown)
    await expect(images.read(UNKNOWN)).rejects.toMatchObject(unknown)
    await expect(images.remove({ digest: UNKNOWN })).rejects.toMatchObject(unknown)
  })

  test('adding and removing at the same time never leave a name without bytes', async () => {
    const { images, storage } = library
    await images.add({ name: 'a', content: RAW })
    const changes = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? images.remove({ digest: RAW_DIGEST })
        : images.add({ name: 'a', content: RAW }),
    )
    await Promise.allSettled(changes)
    expect(await images.list()).toHaveLength(1)
    expect(await storage.blobs.has(RAW_DIGEST)).toBe(true)
  })
})

describe('on the disk', () => {
  test('the library is there after a restart', async () => {
    const dataDir = scratchFolder()
    const before = await openLibrary(dataDir)
    const stored = await before.images.add({ name: 'a', content: RAW })
    await before.storage.close()
    const after = await openLibrary(dataDir)
    expect(await after.images.list()).toEqual([stored])
    expect((await after.images.read(RAW_DIGEST)).image.segments[0]?.data).toEqual(Buffer.from(RAW))
    await after.storage.close()
  })

  test.each<[what: string, spoil: (blob: string) => void, refusal: object]>([
    ['rotted', blob => writeFileSync(blob, 'rotten'), { code: 'BLOB_DAMAGED' }],
    [
      'were lost',
      blob => rmSync(blob),
      {
        code: 'IMAGE_UNKNOWN',
        message: 'The bytes of a are no longer in the data folder. Add the file again.',
      },
    ],
  ])('an image whose bytes %s leaves the library until it is added again', async (...given) => {
    const [, spoil, refusal] = given
    const dataDir = scratchFolder()
    const { images, storage, events } = await openLibrary(dataDir)
    await images.add({ name: 'a', content: RAW })
    spoil(join(dataDir, 'blobs', RAW_DIGEST))
    const reads = await Promise.allSettled([images.read(RAW_DIGEST), images.read(RAW_DIGEST)])
    expect(reads).toMatchObject([{ reason: refusal }, { reason: { code: 'IMAGE_UNKNOWN' } }])
    expect(events.slice(1)).toEqual([{ kind: 'image-removed', digest: RAW_DIGEST }])
    expect(await images.list()).toEqual([])
    const stored = await images.add({ name: 'b', content: RAW })
    expect(await images.read(RAW_DIGEST)).toMatchObject({ stored: { name: 'b' } })
    expect(await images.list()).toEqual([stored])
    await storage.close()
  })

  test('a row that cannot be read is left out and told once; adding its file again heals it', async () => {
    const { images, storage } = library
    await images.add({ name: 'a', content: RAW })
    const other = await images.add({ name: 'b', content: HEX_FILE })
    const spoiled = storage.db.updateTable('images').where('digest', '=', RAW_DIGEST)
    await spoiled.set({ info: '{"name":"a"' }).execute()
    expect(await images.list()).toEqual([other])
    expect(await images.list()).toEqual([other])
    await expect(images.read(RAW_DIGEST)).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN' })
    expect(storage.notices).toEqual([
      {
        severity: 'warning',
        code: 'ENTRIES_UNREADABLE',
        message:
          '1 entry of the image library cannot be read and is left out. Nothing was deleted.',
      },
    ])
    expect(await storage.db.selectFrom('images').select('digest').execute()).toHaveLength(2)
    await images.add({ name: 'again', content: RAW })
    expect((await images.list()).map(({ name }) => name).toSorted()).toEqual(['again', 'b'])
  })
})
