import type { ByteLink } from '../../src-main/link/byte-link'
import { consoleEncoding } from '../../src-main/wire/smp/console'
import { ImageCommand, OsCommand, SmpGroup } from '../../src-main/wire/smp/constants'
import type { SmpEncoding } from '../../src-main/wire/smp/encoding'
import { answerTo } from '../../src-main/wire/smp/messages'
import {
  decodePacket,
  encodePacket,
  type SmpPacket,
  type SmpPayload,
} from '../../src-main/wire/smp/packet'
import { sha256 } from './workshop'

/** What the peer does with a request; undefined is silence. */
export type Answer = (request: SmpPacket) => SmpPayload | undefined

/** The other end of a line, answering as the test says. */
export function smpPeer(link: ByteLink, answer: Answer, encoding: SmpEncoding = consoleEncoding) {
  const parser = encoding.createParser()
  const requests: SmpPacket[] = []
  // A cable that was pulled takes the answers with it.
  const write = (bytes: Uint8Array) => void link.write(bytes).catch(() => undefined)
  const send = (packet: SmpPacket) => write(encoding.encode(encodePacket(packet)))
  link.onData(bytes => {
    for (const item of parser.push(bytes)) {
      if (item.kind !== 'packet') continue
      const request = decodePacket(item.packet)
      requests.push(request)
      const payload = answer(request)
      if (payload) send(answerTo(request, payload))
    }
  })
  return { requests, send, print: (text: string) => write(Buffer.from(text)) }
}

export function isCommand(request: SmpPacket, group: number, command: number): boolean {
  return request.group === group && request.command === command
}

export const UPLOAD = [SmpGroup.image, ImageCommand.upload] as const
export const STATE = [SmpGroup.image, ImageCommand.state] as const
export const ECHO = [SmpGroup.os, OsCommand.echo] as const
export const RESET = [SmpGroup.os, OsCommand.reset] as const
export const PARAMETERS = [SmpGroup.os, OsCommand.parameters] as const
export const INFO = [SmpGroup.os, OsCommand.info] as const
export const SLOT_INFO = [SmpGroup.image, ImageCommand.slotInfo] as const

/** A small SMP device with software that runs after a reset. Tests override parts of it. */
export class SampleDevice {
  received = new Uint8Array(0)
  /** From 1 on its software runs, if it does at all. */
  resets = 0
  total = 0
  /** Lists what it received right away; else only after a reset, like MCUboot. */
  listsAtOnce = true
  /** Whether the software answers SMP after a reset, or restore mode does, or nobody. */
  afterReset: 'software' | 'restore-mode' | 'silence' = 'software'
  /** Whether running software can be asked into restore mode; from there resets count anew. */
  takesBootMode = true
  information = 'Kintsugi k1 restore-mode T-0001'
  overrides: Answer = () => undefined
  /** Requests that this returns true for are lost. */
  loses: (request: SmpPacket) => boolean = () => false

  answer = (request: SmpPacket): SmpPayload | undefined => {
    if (this.loses(request)) return undefined
    const overridden = this.overrides(request)
    if (overridden) return overridden
    if (this.resets > 0 && this.afterReset === 'silence') return undefined
    if (isCommand(request, ...UPLOAD)) return this.upload(request.payload)
    if (isCommand(request, ...STATE)) return { images: this.listing() }
    if (isCommand(request, ...ECHO)) return { r: request.payload['d'] }
    if (isCommand(request, ...PARAMETERS)) return { buf_size: 512, buf_count: 2 }
    if (isCommand(request, ...INFO)) {
      const runs = this.resets > 0 && this.afterReset === 'software'
      return { output: runs ? 'Kintsugi k1 software T-0001' : this.information }
    }
    if (isCommand(request, ...RESET)) {
      const staysInRestoreMode = this.takesBootMode && request.payload['boot_mode'] === 1
      this.resets = staysInRestoreMode ? 0 : this.resets + 1
      return {}
    }
    return { rc: 8 }
  }

  upload(payload: SmpPayload): SmpPayload {
    const { off, data, len } = payload
    if (!(data instanceof Uint8Array) || typeof off !== 'number') return { rc: 3 }
    if (off === 0 && typeof len === 'number') {
      this.total = len
      this.received = new Uint8Array(0)
    }
    if (off === this.received.length) this.received = Buffer.concat([this.received, data])
    const isWhole = this.received.length === this.total
    return { rc: 0, off: this.received.length, ...(isWhole ? { match: true } : {}) }
  }

  listing(): SmpPayload[] {
    const isWhole = this.total > 0 && this.received.length === this.total
    if (!isWhole || (this.resets === 0 && !this.listsAtOnce)) return []
    const active = this.resets > 0 && this.afterReset === 'software'
    return [{ slot: 0, version: '1.0.0', hash: sha256(this.received), active }]
  }
}
