import { describe, expect, test } from 'vitest'
import { formatLink, parseLink } from '../../src-main/contract/link-address'
import { memoryPair } from '../../src-main/link/memory-link'
import { createLinkOpener } from '../../src-main/link/open-link'
import { realClock } from '../../src-main/observe/real-clock'
import { VirtualClock } from '../../src-main/observe/virtual-clock'

describe('a LINK as users write it', () => {
  test.each([
    ['serial:/dev/ttyUSB0', { kind: 'serial', path: '/dev/ttyUSB0', baud: 115_200 }],
    ['serial:/dev/ttyUSB0@921600', { kind: 'serial', path: '/dev/ttyUSB0', baud: 921_600 }],
    ['serial:COM3@9600', { kind: 'serial', path: 'COM3', baud: 9600 }],
    ['serial:/tmp/a@b', { kind: 'serial', path: '/tmp/a@b', baud: 115_200 }],
    ['serial:/tmp/a@b@300', { kind: 'serial', path: '/tmp/a@b', baud: 300 }],
    ['tcp:localhost:5000', { kind: 'tcp', host: 'localhost', port: 5000 }],
    ['tcp:[::1]:5000', { kind: 'tcp', host: '::1', port: 5000 }],
    ['tcp-listen:127.0.0.1:0', { kind: 'tcp-listen', host: '127.0.0.1', port: 0 }],
    ['virtual:T-0001', { kind: 'virtual', name: 'T-0001' }],
  ])('%s is read and written back', (text, address) => {
    expect(parseLink(text)).toEqual(address)
    expect(parseLink(formatLink(parseLink(text)))).toEqual(address)
  })

  test.each([
    ['', 'write serial:PATH'],
    ['/dev/ttyUSB0', 'write serial:PATH'],
    ['usb:1', 'write serial:PATH'],
    ['serial:', 'the path of the serial port is missing'],
    ['serial:/dev/ttyUSB0@0', 'the baud rate must be 1 to'],
    ['serial:/dev/ttyUSB0@99999999', 'the baud rate must be 1 to'],
    ['serial:/dev/\0tty', 'NUL'],
    ['serial:/dev/tty\n', 'it holds a line break'],
    ['usb:\r', 'it holds a carriage return'],
    ['tcp:a\tb:1', 'it holds a tab'],
    ['serial:\u001B[2J', 'it holds the control character U+001B'],
    ['tcp:localhost', 'write HOST:PORT'],
    ['tcp:::1:5000', 'write HOST:PORT'],
    ['tcp:localhost:70000', 'the port must be 0 to 65535'],
    ['virtual:', 'a handset name has'],
    ['virtual:../x', 'a handset name has'],
    [`serial:${'x'.repeat(1100)}`, 'far too long'],
  ])('%j is refused with the reason', (text, reason) => {
    expect(() => parseLink(text)).toThrow(reason)
  })

  test('is shown on one line without its control characters where it is refused', () => {
    expect(() => parseLink('serial:\u001B[2J\n')).toThrow('"serial:\uFFFD[2J\uFFFD" is no link')
  })
})

describe('the opener of links', () => {
  const virtual = () => Promise.reject(new Error('not asked'))

  test('asks for virtual handsets by name', async () => {
    const [end] = memoryPair()
    const open = createLinkOpener({
      clock: realClock,
      virtual: name => (name === 'T-0001' ? Promise.resolve(end) : Promise.reject(new Error(name))),
    })
    expect(await open('virtual:T-0001')).toBe(end)
  })

  test('refuses the form that only a device may use', async () => {
    const open = createLinkOpener({ clock: realClock, virtual })
    await expect(open('tcp-listen:127.0.0.1:0')).rejects.toMatchObject({ code: 'BAD_LINK' })
  })

  test('on virtual time opens no real line, which time would not wait for', async () => {
    const open = createLinkOpener({ clock: new VirtualClock(), virtual })
    for (const link of ['serial:/dev/tty-none', 'tcp:127.0.0.1:1']) {
      await expect(open(link)).rejects.toMatchObject({
        code: 'OPTION_UNFIT',
        message: expect.stringContaining(`${link} is a real line`),
      })
    }
    await expect(open('virtual:T-0001')).rejects.toThrow('not asked')
  })
})
