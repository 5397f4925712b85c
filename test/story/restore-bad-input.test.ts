import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { FIRMWARE, run, scratchFolder } from './kintsugi'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

const LINK = 'tcp:127.0.0.1:1'
const png = scratch.file('logo.bin')
writeFileSync(png, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
const hex = scratch.file('firmware.hex')
writeFileSync(hex, ':0400000001020304F2\n:00000001FF\n')
const empty = scratch.file('empty')
mkdirSync(empty)

describe('what cannot work ends with exit code 2 and one clear line', () => {
  test.each([
    ['a link that is none', ['restore', 'usb:1', FIRMWARE], 'BAD_LINK', '"usb:1" is no link'],
    ['a link for devices', ['restore', 'tcp-listen:h:1', FIRMWARE], 'BAD_LINK', "device's side"],
    ['no image', ['restore', LINK], 'USAGE', 'at least one link, then the image file'],
    ['one link twice', ['restore', LINK, LINK, FIRMWARE], 'USAGE', 'named twice'],
    ['no such file', ['restore', LINK, '/nonexistent'], 'FILE_NOT_FOUND', 'no file /nonexistent'],
    ['a folder', ['restore', LINK, empty], 'FILE_UNREADABLE', 'is a folder; name the file in it'],
    ['a picture', ['restore', LINK, png], 'IMAGE_FOREIGN', 'PNG'],
    ['no number', ['restore', LINK, FIRMWARE, '--offset', 'x'], 'USAGE', '--offset x'],
    ['an offset', ['restore', LINK, FIRMWARE, '--offset', '0x100'], 'OPTION_UNFIT', 'over smp'],
    ['addresses', ['restore', LINK, hex, '--offset', '8'], 'OPTION_UNFIT', 'format ihex'],
    [
      'an encoding',
      ['restore', LINK, FIRMWARE, '--encoding', 'morse'],
      'USAGE',
      '--encoding morse: write auto, console, raw',
    ],
    ['ymodem', ['restore', LINK, FIRMWARE, '--protocol', 'ymodem'], 'OPTION_UNFIT', 'auto, smp'],
    ['a rate for TCP', ['restore', LINK, FIRMWARE, '--baud', '9600'], 'OPTION_UNFIT', 'no rate'],
    ['no rate', ['restore', 'serial:x', FIRMWARE, '--baud', '0'], 'USAGE', '--baud 0'],
    [
      'two rates',
      ['restore', 'serial:x@1', FIRMWARE, '--baud', '2'],
      'OPTION_UNFIT',
      'Name it once',
    ],
    ['an unknown option', ['restore', LINK, FIRMWARE, '--fast'], 'USAGE', '--fast'],
    ['a folder as log', ['restore', LINK, FIRMWARE, '--log', empty], 'USAGE', 'is a folder'],
    ['a broken link', ['restore', 'serial:a\nb', FIRMWARE], 'BAD_LINK', 'holds a line break'],
    ['no log folder', ['restore', LINK, FIRMWARE, '--log', '/nonexistent/l'], 'USAGE', '--log'],
    [
      'nobody serves',
      ['identify', 'virtual:T-0001', '--data', empty],
      'NO_WORKBENCH',
      'none serves',
    ],
    ['esp', ['identify', LINK, '--protocol', 'esp'], 'OPTION_UNFIT', '--protocol esp'],
  ])('%s', async (_name, commandLine, code, words) => {
    const { exitCode, stdout, stderr } = await run(...commandLine, '--json')
    const { error } = JSON.parse(stdout)
    expect(error.code).toBe(code)
    expect(error.message).toContain(words)
    expect(exitCode).toBe(2)
    expect(stderr.trim().split('\n')).toEqual([`kintsugi: ${error.message}`])
  })

  test('a port that is not there is a failed restore, not bad usage, and stderr says so', async () => {
    const link = 'serial:/dev/tty-none'
    const told = new RegExp(`^kintsugi: ${link}@115200: failed. There is no port .*\n$`)
    const { exitCode, stdout, stderr } = await run('restore', link, FIRMWARE, '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'failed',
      verified: false,
      error: { code: 'LINK_NOT_FOUND' },
    })
    expect(stderr).toMatch(told)
    const forPeople = await run('restore', link, FIRMWARE)
    expect(forPeople.exitCode).toBe(1)
    expect(forPeople.stderr).toMatch(told)
  })

  test.each([[[]], [['handset']], [['image']]])('no command behind %j', async words => {
    const { exitCode, stdout, stderr } = await run(...words)
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(`Usage: ${['kintsugi', ...words].join(' ')} `)
    expect(stderr).toMatch(/\nkintsugi: A command is missing\. The help lists them\.\n$/)
  })

  test.skipIf(process.platform === 'win32')('a pipe as log stays the pipe it is', async () => {
    const pipe = scratch.file('pipe')
    execFileSync('mkfifo', [pipe])
    const { exitCode, stderr } = await run('restore', LINK, FIRMWARE, '--log', pipe)
    expect(exitCode).toBe(2)
    expect(stderr).toBe(`kintsugi: --log ${pipe} is no file.\n`)
    expect(statSync(pipe).isFIFO()).toBe(true)
  })

  test('an argument with a line break is told of on one line', async () => {
    const { exitCode, stderr } = await run('image', 'info', '/none\n\u001B[2Jkintsugi: all is well')
    expect(exitCode).toBe(2)
    expect(stderr).toBe(
      'kintsugi: There is no file /none\uFFFD\uFFFD[2Jkintsugi: all is well. Check the path.\n',
    )
  })

  test('ports prints one JSON list', async () => {
    const { exitCode, stdout } = await run('ports', '--json')
    expect(exitCode).toBe(0)
    expect(Array.isArray(JSON.parse(stdout))).toBe(true)
  })
})
