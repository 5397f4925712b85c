import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWorkbench, type Workbench, type WorkbenchError } from '../../src-main/api'
import { writeServeFile } from '../../src-main/storage/serve-file'
import { openConnection } from '../../src-main/storage/sqlite'
import { scratchFolder } from '../storage/scratch'

const BYTES = Uint8Array.from({ length: 64 }, (_, index) => index * 3)

describe('options that are wrong are refused by name', () => {
  test.each<[option: string, options: unknown]>([
    ['dataDir', { dataDir: '' }],
    ['dataDir', { dataDir: 'a\0b' }],
    ['dataDir', { dataDir: 7 }],
    ['clock', { clock: 'bogus' }],
    ['seed', { seed: -1 }],
    ['seed', { seed: 1.5 }],
    ['seed', { seed: Number.NaN }],
    ['dataDirectory', { dataDirectory: '/x' }],
    ['options', 'in memory'],
    ['options', null],
  ])('%s of %j', async (option, options) => {
    const opening = createWorkbench(options as object)
    await expect(opening).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`"${option}"`),
      data: { option },
    })
  })
})

describe('upload', () => {
  let workbench: Workbench
  beforeEach(async () => void (workbench = await createWorkbench()))
  afterEach(() => workbench.close())

  test('takes bytes, whole or in pieces', async () => {
    async function* pieces() {
      yield BYTES.subarray(0, 10)
      yield Buffer.from(BYTES.subarray(10))
    }
    const whole = await workbench.upload('a.bin', BYTES)
    expect(whole.fileBytes).toBe(64)
    expect(await workbench.upload('b.bin', pieces())).toEqual(whole)
    const stream = ReadableStream.from(pieces())
    expect(await workbench.upload('c.bin', stream as AsyncIterable<Uint8Array>)).toEqual(whole)
  })

  test.each<[field: string, name: unknown, content: unknown]>([
    ['content', 'a.bin', [1, 2, 3]],
    ['content', 'a.bin', 'text'],
    ['content', 'a.bin', BYTES.buffer],
    ['content', 'a.bin', new Uint16Array(8)],
    ['content', 'a.bin', [BYTES]],
    ['content', 'a.bin', undefined],
    ['content', 'a.bin', ReadableStream.from(['text'])],
    ['content', 'a.bin', ReadableStream.from([BYTES, [1, 2, 3]])],
    ['name', undefined, BYTES],
    ['name', 7, BYTES],
  ])('refuses a %s that is none (%j, %j)', async (field, name, content) => {
    const upload = workbench.upload(name as string, content as Uint8Array)
    await expect(upload).rejects.toMatchObject({ code: 'BAD_REQUEST', data: { field } })
    expect(await workbench.images.list()).toEqual([])
  })

  test('of content that breaks off says so and is no defect', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    async function* broken() {
      yield BYTES
      throw new Error('the line broke')
    }
    await expect(workbench.upload('a', broken())).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('the line broke'),
    })
    expect(written).not.toHaveBeenCalled()
    written.mockRestore()
  })
})

test('whatever a workbench refuses is an Error with code, message and data', async () => {
  const workbench = await createWorkbench()
  const refusals = [
    workbench.handsets.power({ name: 'nobody', on: true }),
    workbench.handsets.power({ name: '../', on: true }),
    workbench.upload('none.bin', new Uint8Array()),
    createWorkbench({ seed: -1 }),
  ]
  const codes: string[] = []
  for (const refusal of await Promise.allSettled(refusals)) {
    if (refusal.status === 'fulfilled') throw new Error('it was not refused')
    const error: WorkbenchError = refusal.reason
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toMatch(/\.$/)
    expect(error.data).toBeTypeOf('object')
    codes.push(error.code)
  }
  expect(codes).toEqual(['HANDSET_UNKNOWN', 'BAD_REQUEST', 'IMAGE_DAMAGED', 'USAGE'])
  await workbench.close()
})

test('a closed workbench says so to every call, and may be closed again', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const workbench = await createWorkbench({ dataDir: scratchFolder() })
  await workbench.close()
  await workbench.close()
  const closed = { code: 'CLOSED', message: 'This workbench is closed.', data: {} }
  await expect(workbench.app.hello()).rejects.toMatchObject({ ...closed, status: 409 })
  await expect(workbench.restore.list({})).rejects.toMatchObject({ ...closed, defined: true })
  await expect(workbench.handsets.create({ name: 'h1' })).rejects.toMatchObject(closed)
  await expect(workbench.app.connect({ contract: 1 })).rejects.toMatchObject(closed)
  await expect(workbench.upload('a.bin', BYTES)).rejects.toMatchObject(closed)
  expect(written).not.toHaveBeenCalled()
  written.mockRestore()
})

test('rows that cannot be read are told of and do not hide the others', async () => {
  const dataDir = scratchFolder()
  const first = await createWorkbench({ dataDir })
  const { digest } = await first.upload('a.bin', BYTES)
  await first.handsets.create({ name: 'h1' })
  const { id } = await first.restore.start({ link: 'virtual:h1', digest })
  await first.restore.cancel({ id })
  await first.close()
  const connection = openConnection(join(dataDir, 'kintsugi.db'))
  const add = connection.prepare('INSERT INTO restores (started_at, view) VALUES (1, ?)')
  for (const view of ['{}', 'no JSON', '{"endedAt":1}']) add.run(view)
  connection.close()

  const workbench = await createWorkbench({ dataDir })
  expect((await workbench.restore.list({})).map(view => view.id)).toEqual([id])
  const frames = await workbench.app.connect({ contract: 1 })
  await frames.next()
  expect(await frames.next()).toMatchObject({
    value: {
      snapshot: {
        restores: [{ id }],
        images: [{ digest }],
        notices: [
          {
            severity: 'warning',
            code: 'ENTRIES_UNREADABLE',
            message:
              '3 entries of the list of restores cannot be read and are left out. Nothing was deleted.',
          },
        ],
      },
    },
  })
  await frames.return?.(undefined)
  await workbench.close()
  const rows = openConnection(join(dataDir, 'kintsugi.db'))
  expect(rows.prepare('SELECT count(*) FROM restores').pluck().get()).toBe(4)
  rows.close()
})

test('whoever opens a data folder ends what a killed serve left there', async () => {
  const dataDir = scratchFolder()
  await writeServeFile(dataDir, { pid: 1, address: 'http://127.0.0.1:9', token: 'old' })
  const workbench = await createWorkbench({ dataDir })
  expect(existsSync(join(dataDir, 'serve.json'))).toBe(false)
  await workbench.close()
})
