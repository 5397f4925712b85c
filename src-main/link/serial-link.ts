import { SerialPort } from 'serialport'
import { printableText } from '../base/printable'
import type { SerialPortView } from '../contract/restore'
import { formatLink } from '../contract/link-address'
import type { ByteLink } from './byte-link'
import { LinkSignals, linkLost } from './link-signals'
import { serialOpenError } from './serial-errors'
import { listPortsFromSysfs } from './serial-sysfs'

export interface SerialEnd {
  readonly path: string
  readonly baud: number
}

/**
 * Opens a serial port with 8 data bits, no parity, 1 stop bit. Modem lines are left alone:
 * pseudo-terminals have none. Rejects with `LINK_NOT_FOUND`, `LINK_DENIED` or `LINK_BUSY`.
 */
export async function openSerial(end: SerialEnd): Promise<ByteLink> {
  const port = new SerialPort({
    path: end.path,
    baudRate: end.baud,
    dataBits: 8,
    parity: 'none',
    stopBits: 1,
    autoOpen: false,
  })
  const error = await new Promise<Error | null>(opened => port.open(opened))
  if (error) throw await serialOpenError(end.path, error)
  return new SerialLink(formatLink({ kind: 'serial', ...end }), port)
}

/** The ports that the operating system knows. Pseudo-terminals are never among them. */
export async function listSerialPorts(): Promise<SerialPortView[]> {
  try {
    const ports = await SerialPort.list()
    return ports.map(({ path, manufacturer, vendorId, productId, serialNumber }) => ({
      path,
      manufacturer: describing(manufacturer),
      vendorId: vendorId ?? null,
      productId: productId ?? null,
      serialNumber: describing(serialNumber),
    }))
  } catch (error) {
    // On Linux the library asks udevadm, which small images lack.
    if (process.platform === 'linux') return listPortsFromSysfs()
    throw error
  }
}

/** An adapter may say of itself what it likes. */
function describing(text: string | undefined): string | null {
  return text === undefined ? null : printableText(text)
}

class SerialLink implements ByteLink {
  readonly name: string
  readonly baud: number
  readonly #port: SerialPort
  readonly #signals = new LinkSignals()

  constructor(name: string, port: SerialPort) {
    this.name = name
    this.baud = port.baudRate
    this.#port = port
    port.on('data', (bytes: Uint8Array) => this.#signals.deliver(bytes))
    // An unplugged adapter is told in several of these ways, some of them twice.
    port.on('error', error => this.#lose(error.message, error))
    port.on('end', () => this.#lose('the port ended'))
    port.on('close', (error: Error | null) => this.#lose(error?.message ?? 'the port closed'))
  }

  write(bytes: Uint8Array): Promise<void> {
    const refusal = this.#signals.refusal(this.name)
    if (refusal) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      // The library forgets writes of a port that is just closing.
      const stop = this.#signals.onClose(() => reject(this.#signals.refusal(this.name)))
      this.#port.write(bytes, error => {
        stop()
        if (!error) return resolve()
        this.#lose(error.message, error)
        reject(this.#signals.refusal(this.name) ?? error)
      })
    })
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    return this.#signals.onData(listener)
  }

  onClose: ByteLink['onClose'] = listener => this.#signals.onClose(listener)

  async close(): Promise<void> {
    this.#signals.end(null)
    if (this.#port.isOpen) await new Promise<void>(done => this.#port.close(() => done()))
  }

  #lose(why: string, cause?: unknown): void {
    this.#signals.end(linkLost(this.name, why, cause))
  }
}
