import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { printableText } from '../base/printable'
import type { SerialPortView } from '../contract/restore'

/** How far above a tty its USB device can lie: tty, interface, device. */
const PARENTS_MAX = 4

/**
 * Serial ports as the kernel lists them, for systems without udevadm. Virtual consoles and
 * pseudo-terminals have no device behind them and are left out.
 */
export async function listPortsFromSysfs(root = '/sys/class/tty'): Promise<SerialPortView[]> {
  const names = await readdir(root).catch(() => [])
  const ports = await Promise.all(
    names.toSorted((a, b) => a.localeCompare(b, 'en')).map(name => readPort(root, name)),
  )
  return ports.filter(port => port !== undefined)
}

async function readPort(root: string, name: string): Promise<SerialPortView | undefined> {
  let folder: string
  try {
    folder = await realpath(join(root, name, 'device'))
  } catch {
    return undefined
  }
  for (let level = 0; level < PARENTS_MAX; level++) {
    const vendorId = await readText(join(folder, 'idVendor'))
    if (vendorId !== null) {
      return {
        path: `/dev/${name}`,
        manufacturer: await readText(join(folder, 'manufacturer')),
        vendorId,
        productId: await readText(join(folder, 'idProduct')),
        serialNumber: await readText(join(folder, 'serial')),
      }
    }
    folder = dirname(folder)
  }
  const nothing = { manufacturer: null, vendorId: null, productId: null, serialNumber: null }
  return { path: `/dev/${name}`, ...nothing }
}

async function readText(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return printableText(text.trim()) || null
}
