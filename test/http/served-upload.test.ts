import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openServed } from '../../src-main/cli/open-workbench'
import { lockDataFolder } from '../../src-main/storage/data-lock'
import { writeServeFile } from '../../src-main/storage/serve-file'

/** A data folder that somebody serves who answers every upload like this. */
async function servedFolder(answer: unknown, status = 422): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kintsugi-served-'))
  const lock = lockDataFolder(dataDir)
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    lock.release()
    rmSync(dataDir, { recursive: true })
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await writeServeFile(dataDir, { pid: 1, address: `http://127.0.0.1:${port}`, token: 'open' })
  return dataDir
}

test.each([
  ['with its facts', { line: 3, reason: null }, { line: 3, reason: null }],
  ['without facts that make no sense', ['line'], {}],
])('a command hears why a served workbench refuses its file, %s', async (_, data, heard) => {
  const refusal = { code: 'IMAGE_DAMAGED', message: 'Line 3 ends too early.' }
  const dataDir = await servedFolder({ ...refusal, data })
  const workbench = await openServed(dataDir, 'Handsets live')
  await expect(workbench.upload('broken.hex', new Uint8Array(1))).rejects.toMatchObject({
    ...refusal,
    data: heard,
  })
})

test('a command gives a served workbench a file for a release, and hears why not', async () => {
  const refusal = { code: 'PACKAGE_TOO_LARGE', message: 'Software has at most so many bytes.' }
  const refused = await openServed(await servedFolder(refusal), 'Vendors are')
  await expect(refused.uploadPackage('a.zip', new Uint8Array(1))).rejects.toMatchObject(refusal)
  const kept = { digest: 'ab'.repeat(32), name: 'a.zip', bytes: 1, addedAt: 5 }
  const taken = await openServed(await servedFolder(kept, 200), 'Vendors are')
  expect(await taken.uploadPackage('a.zip', new Uint8Array(1))).toEqual(kept)
})
