import { expect, test } from 'vitest'
import { KintsugiProcess, run } from '../story/kintsugi'
import { k1Image, offerOf } from '../support/update-offer'
import { updateServer } from '../support/update-server'

const LINE = 'tcp-listen:127.0.0.1:0'

test('a handset of its own process asks its carrier after its start, and tells how it ended', async () => {
  const server = await updateServer([await offerOf(k1Image('1.0.0'), k1Image('1.1.0'))])
  const words = ['handset', 'run', LINE, '--carrier', server.address, '--update']
  const handset = new KintsugiProcess(...words)
  const line = await handset.line(/^update: /)
  const { exitCode } = await handset.stop()
  expect(line).toMatch(/^update: updated to kintsugi-k1 1\.1\.0 \(differential, \d+ bytes\)$/)
  expect(exitCode).toBe(0)
  expect(server.steps).toEqual(['U1', 'U5', 'U6', 'U10'])
})

test.each([
  [['--update'], /name its server with --carrier URL/],
  [['--carrier', 'ftp://127.0.0.1'], /write the address of a carrier's server/],
  [['--carrier', 'http://127.0.0.1/path'], /write the address of a carrier's server/],
])('%j is bad usage', async (options, message) => {
  const { exitCode, stderr } = await run('handset', 'run', LINE, ...options)
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(message)
})

test('an update of a handset needs a workbench that runs', async () => {
  const { exitCode, stdout } = await run('handset', 'update', 'T-1', '--data', '/nowhere', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_WORKBENCH' } })
  expect(exitCode).toBe(2)
})
