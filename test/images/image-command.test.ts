import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { addImageCommand } from '../../src-main/cli/commands/image'
import { imageInfo } from '../../src-main/contract/images'
import { scratchFolder } from '../storage/scratch'
import { HEX_END, hexLine, lines } from '../wire/image/files'

const FIRMWARE = join(import.meta.dirname, '../fixtures/firmware/micropython-next.bin')
const FIRMWARE_DIGEST = 'c3c1c159efe01dd86549281d835cd00e729200d2d9ab15c2b9f2446288906c17'

interface Run {
  stdout: string
  stderr: string
  exitCode: typeof process.exitCode
}

async function kintsugi(...words: string[]): Promise<Run> {
  const run: Run = { stdout: '', stderr: '', exitCode: 0 }
  vi.spyOn(process.stdout, 'write').mockImplementation(text => ((run.stdout += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation(text => ((run.stderr += String(text)), true))
  const program = new Command('kintsugi')
  addImageCommand(program)
  await program.parseAsync(words, { from: 'user' })
  run.exitCode = process.exitCode
  vi.restoreAllMocks()
  return run
}

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

describe('image info', () => {
  test('--json is one document with what the file holds', async () => {
    const { stdout, stderr, exitCode } = await kintsugi('image', 'info', FIRMWARE, '--json')
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(imageInfo.parse(JSON.parse(stdout))).toMatchObject({
      name: 'micropython-next.bin',
      format: 'bin',
      bytes: 320_016,
      segments: [{ address: 0, bytes: 320_016 }],
      sha256: FIRMWARE_DIGEST,
      entry: null,
      warnings: [{ code: 'VECTORS_IMPLAUSIBLE' }],
    })
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
  })

  test('for people it is a table', async () => {
    const path = join(scratchFolder(), 'two.hex')
    const file = lines(
      hexLine(4, 0, '0800'),
      hexLine(0, 0, 'aabb'),
      hexLine(0, 0x1000, 'cc'.repeat(16)),
      hexLine(5, 0, '08000101'),
      HEX_END,
    )
    writeFileSync(path, file)
    const { stdout, exitCode } = await kintsugi('image', 'info', path)
    expect(stdout.replace(/[0-9a-f]{64}/, 'DIGEST')).toBe(
      `file     two.hex (${file.length} bytes)
format   Intel HEX
payload  18 bytes
SHA-256  DIGEST
start    0x08000101

segment       first        last  bytes
      1  0x08000000  0x08000001      2
      2  0x08001000  0x0800100f     16
`,
    )
    expect(exitCode).toBe(0)
  })

  test('warnings stand below', async () => {
    const { stdout } = await kintsugi('image', 'info', FIRMWARE)
    expect(stdout).toContain('start    not given\n')
    expect(stdout).toContain('\nwarning: The file does not begin like a program for a Cortex-M')
  })
})

describe('files that cannot be used end with exit code 2 and say why', () => {
  async function refusal(path: string) {
    const { stdout, stderr, exitCode } = await kintsugi('image', 'info', path, '--json')
    const { error } = JSON.parse(stdout)
    expect(stderr).toBe(`kintsugi: ${error.message}\n`)
    expect(exitCode).toBe(2)
    return error
  }

  test('a file that is not there', async () => {
    const path = join(scratchFolder(), 'none.bin')
    expect(await refusal(path)).toEqual({
      code: 'FILE_NOT_FOUND',
      message: `There is no file ${path}. Check the path.`,
      data: { path },
    })
    expect(await refusal(join(FIRMWARE, 'none'))).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  test('a folder', async () => {
    const path = scratchFolder()
    expect(await refusal(path)).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `${path} is a folder; name the file in it.`,
    })
  })

  test('a name too long for the system', async () => {
    expect(await refusal(join(scratchFolder(), 'x'.repeat(300)))).toMatchObject({
      code: 'FILE_UNREADABLE',
    })
  })

  test('a huge file, which is not read', async () => {
    const path = join(scratchFolder(), 'huge.bin')
    writeFileSync(path, '')
    truncateSync(path, 2 ** 40)
    expect(await refusal(path)).toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: `${path} has 1099511627776 bytes; an image file has at most 67108864.`,
    })
  })

  test.skipIf(process.platform === 'win32')('a device without end', async () => {
    expect(await refusal('/dev/zero')).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: '/dev/zero is a device or a pipe; name a file.',
    })
  })

  test.skipIf(process.platform === 'win32')('a pipe that nobody writes into', async () => {
    const path = join(scratchFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    expect(await refusal(path)).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `${path} is a device or a pipe; name a file.`,
    })
  })

  test('a picture, and a damaged file', async () => {
    const folder = scratchFolder()
    const [picture, damaged] = [join(folder, 'a.png'), join(folder, 'a.hex')]
    writeFileSync(picture, Buffer.from('89504e470d0a1a0a', 'hex'))
    writeFileSync(damaged, lines(hexLine(0, 0, 'aa')))
    expect(await refusal(picture)).toMatchObject({ code: 'IMAGE_FOREIGN' })
    expect(await refusal(damaged)).toMatchObject({ code: 'IMAGE_DAMAGED', data: { offset: 14 } })
  })
})
