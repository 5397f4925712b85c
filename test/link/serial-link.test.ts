import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { serialOpenError } from '../../src-main/link/serial-errors'
import { listSerialPorts, openSerial } from '../../src-main/link/serial-link'
import { listPortsFromSysfs } from '../../src-main/link/serial-sysfs'
import { scratchFolder } from '../storage/scratch'
import { peer } from '../support/peers'
import { ptyPair, type PtyPair } from './pty'

const baud = 115_200

describe.skipIf(!peer('socat'))('a serial link over a pseudo-terminal', () => {
  let pair: PtyPair
  const links: ByteLink[] = []
  beforeEach(async () => void (pair = await ptyPair()))
  afterEach(async () => {
    for (const link of links.splice(0)) await link.close()
    await pair.remove()
  })

  async function open(path: string, rate = baud): Promise<ByteLink> {
    const link = await openSerial({ path, baud: rate })
    links.push(link)
    return link
  }

  test.each([9600, 115_200, 250_000, 921_600, 3_000_000])(
    'carries every byte value both ways at %i baud',
    async rate => {
      const [a, b] = [await open(pair.a, rate), await open(pair.b, rate)]
      const all = Uint8Array.from({ length: 256 }, (_, value) => value)
      const arrived = Promise.all([bytesFrom(a, 256), bytesFrom(b, 256)])
      await Promise.all([a.write(all), b.write(all)])
      expect(await arrived).toEqual([[...all], [...all]])
      expect(a.baud).toBe(rate)
      expect(a.name).toBe(`serial:${pair.a}@${rate}`)
    },
  )

  test('carries 200 KB without a loss', async () => {
    const [a, b] = [await open(pair.a), await open(pair.b)]
    const sent = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 31) >> 3)
    const arrived = bytesFrom(b, sent.length)
    await a.write(sent)
    expect(Buffer.from(await arrived).equals(Buffer.from(sent))).toBe(true)
  })

  test('tells once that the other side died, by itself or at the next write', async () => {
    const link = await open(pair.a)
    const causes: unknown[] = []
    const lost = new Promise<void>(done => {
      link.onClose(cause => {
        causes.push(cause?.code)
        done()
      })
    })
    await pair.cut()
    await link.write(Uint8Array.of(1)).catch(() => undefined)
    await lost
    await expect(link.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'LINK_LOST' })
    await link.close()
    expect(causes).toEqual(['LINK_LOST'])
  })

  test('says that a port is in use', async () => {
    await open(pair.a)
    await expect(openSerial({ path: pair.a, baud })).rejects.toMatchObject({
      code: 'LINK_BUSY',
      message: `${pair.a} is in use by another program. Close that program first.`,
    })
  })

  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'names the group to join where the port may not be opened',
    async () => {
      chmodSync(pair.a, 0o600)
      process.seteuid?.(65_534)
      try {
        await expect(openSerial({ path: pair.a, baud })).rejects.toMatchObject({
          code: 'LINK_DENIED',
        })
      } finally {
        process.seteuid?.(0)
      }
    },
  )
})

describe('opening a serial port', () => {
  test('says that there is no such port', async () => {
    await expect(openSerial({ path: '/dev/tty-none', baud })).rejects.toMatchObject({
      code: 'LINK_NOT_FOUND',
      message:
        'There is no port /dev/tty-none. Check the cable; "kintsugi ports" lists the ports that are there.',
    })
  })

  test('says that a file is no port', async () => {
    const path = join(scratchFolder(), 'notes.txt')
    writeFileSync(path, 'not a port')
    await expect(openSerial({ path, baud })).rejects.toMatchObject({
      code: 'LINK_NOT_FOUND',
      message: `${path} is no serial port.`,
    })
  })

  test.skipIf(process.platform !== 'linux')('names the group that owns the device', async () => {
    const path = '/dev/null'
    const gid = statSync(path).gid
    const group = spawnSync('getent', ['group', String(gid)], { encoding: 'utf8' }).stdout
    const error = await serialOpenError(path, new Error('Error: Permission denied, cannot open'))
    const name = group.split(':')[0]
    expect(error.code).toBe('LINK_DENIED')
    expect(error.message).toBe(
      `/dev/null may not be opened by you. Join its group "${name}" ` +
        `(sudo usermod -aG ${name} $USER) and log in again.`,
    )
  })
})

describe('the list of serial ports', () => {
  test('is a list, whatever the system has', async () => {
    for (const port of await listSerialPorts()) expect(port.path).toMatch(/^\/dev\/|^COM/)
  })

  test('is read from the kernel where udevadm is missing', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent'
    try {
      expect(Array.isArray(await listSerialPorts())).toBe(true)
    } finally {
      process.env['PATH'] = path
    }
  })

  test('from the kernel names vendor, product and serial number of a USB adapter', async () => {
    const root = scratchFolder()
    const usb = join(root, 'devices', 'usb1')
    const tty = join(usb, 'usb1:1.0', 'ttyUSB0')
    mkdirSync(tty, { recursive: true })
    mkdirSync(join(root, 'class', 'ttyUSB0'), { recursive: true })
    mkdirSync(join(root, 'class', 'ptmx'), { recursive: true })
    symlinkSync(tty, join(root, 'class', 'ttyUSB0', 'device'))
    writeFileSync(join(usb, 'idVendor'), '0403\n')
    writeFileSync(join(usb, 'idProduct'), '6001\n')
    writeFileSync(join(usb, 'manufacturer'), 'FTDI\n')
    expect(await listPortsFromSysfs(join(root, 'class'))).toEqual([
      {
        path: '/dev/ttyUSB0',
        manufacturer: 'FTDI',
        vendorId: '0403',
        productId: '6001',
        serialNumber: null,
      },
    ])
  })
})

/** The first so many bytes that arrive. */
function bytesFrom(link: ByteLink, count: number): Promise<number[]> {
  const seen: number[] = []
  return new Promise(done => {
    link.onData(bytes => {
      for (const byte of bytes) seen.push(byte)
      if (seen.length >= count) done(seen)
    })
  })
}
