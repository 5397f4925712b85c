import { printableText } from '../../base/printable'
import { ImageCommand, OsCommand, SMP_RESULT, SmpGroup, SmpOp } from './constants'
import { isPayload, SmpFormatError, type SmpPacket, type SmpPayload } from './packet'

/**
 * One command of SMP as a value: what to send and how to read the answer. It performs no I/O and
 * knows no time-outs.
 */
export interface SmpCommand<Answer> {
  readonly name: string
  readonly op: typeof SmpOp.read | typeof SmpOp.write
  readonly group: number
  readonly command: number
  readonly payload: SmpPayload
  /** Reads the payload of a successful answer. Throws {@link SmpFormatError}. */
  readAnswer(payload: SmpPayload): Answer
}

export interface SmpFailure {
  /** Group whose table `rc` belongs to; undefined for the codes shared by all groups. */
  readonly group: number | undefined
  readonly rc: number
  readonly message: string
}

/**
 * The failure an answer reports, in words; undefined where it reports success. Throws
 * {@link SmpFormatError} where it cannot be told.
 */
export function failureOf(payload: SmpPayload): SmpFailure | undefined {
  const error = payload['err']
  if (error !== undefined) {
    if (!isPayload(error)) throw new SmpFormatError('field "err" is not a map')
    const [group, rc] = [countField(error, 'group'), countField(error, 'rc')]
    if (rc !== 0) return { group, rc, message: `group ${group} reported error ${rc}` }
  }
  const rc = payload['rc'] ?? 0
  if (typeof rc !== 'number') throw new SmpFormatError('field "rc" is not a number')
  if (rc === 0) return undefined
  const reason = typeof payload['rsn'] === 'string' ? ` (${printableText(payload['rsn'])})` : ''
  const message = `${SMP_RESULT[rc] ?? `the device reported its own error ${rc}`}${reason}`
  return { group: undefined, rc, message }
}

export function echo(text: string): SmpCommand<string> {
  return {
    name: 'echo',
    op: SmpOp.write,
    group: SmpGroup.os,
    command: OsCommand.echo,
    payload: { d: text },
    readAnswer: payload => textField(payload, 'r'),
  }
}

export interface DeviceParameters {
  /** Decoded frame the device can hold: the largest packet is 4 bytes smaller. */
  readonly bufferBytes: number
  readonly bufferCount: number
}

export const readParameters: SmpCommand<DeviceParameters> = {
  name: 'parameters',
  op: SmpOp.read,
  group: SmpGroup.os,
  command: OsCommand.parameters,
  payload: {},
  readAnswer: payload => ({
    bufferBytes: countField(payload, 'buf_size'),
    bufferCount: countField(payload, 'buf_count'),
  }),
}

/** `format` letters as in Zephyr's OS group: `a` asks for everything. */
export function readInfo(format = 'a'): SmpCommand<string> {
  return {
    name: 'information',
    op: SmpOp.read,
    group: SmpGroup.os,
    command: OsCommand.info,
    payload: { format },
    readAnswer: payload => printableText(textField(payload, 'output')),
  }
}

/** With `bootMode` 1 the device stays in its bootloader (restore mode) after the reset. */
export function reset(bootMode?: 1): SmpCommand<void> {
  return {
    name: 'reset',
    op: SmpOp.write,
    group: SmpGroup.os,
    command: OsCommand.reset,
    payload: bootMode === undefined ? {} : { boot_mode: bootMode },
    readAnswer: () => undefined,
  }
}

export interface ImageSlotState {
  readonly image: number
  readonly slot: number
  readonly version: string
  /** SHA-256 as the device lists it; undefined where it lists none. */
  readonly hash: Uint8Array | undefined
  readonly bootable: boolean
  readonly pending: boolean
  readonly confirmed: boolean
  readonly active: boolean
  readonly permanent: boolean
}

export const readImageState: SmpCommand<readonly ImageSlotState[]> = {
  name: 'image state',
  op: SmpOp.read,
  group: SmpGroup.image,
  command: ImageCommand.state,
  payload: {},
  readAnswer: payload => listField(payload, 'images').map(readSlot),
}

export interface SlotSize {
  readonly image: number
  readonly slot: number
  readonly bytes: number
}

/** How much fits into each slot. Many bootloaders do not know this command. */
export const readSlotInfo: SmpCommand<readonly SlotSize[]> = {
  name: 'slot information',
  op: SmpOp.read,
  group: SmpGroup.image,
  command: ImageCommand.slotInfo,
  payload: {},
  readAnswer: payload =>
    listField(payload, 'images').flatMap(image => {
      const place = mapIn(image, 'images')
      const number = place['image'] === undefined ? 0 : countField(place, 'image')
      return listField(place, 'slots').flatMap(entry => sizeIn(number, mapIn(entry, 'slots')))
    }),
}

export interface UploadPiece {
  readonly offset: number
  readonly data: Uint8Array
  /** Only with offset 0. */
  readonly first?: { readonly totalBytes: number; readonly sha256: Uint8Array }
}

export interface UploadAnswer {
  /** The offset of the next byte that the device wants. */
  readonly offset: number
  /** Whether the whole image has the announced SHA-256; only in the last answer of some devices. */
  readonly match: boolean | undefined
}

export function uploadImage(piece: UploadPiece): SmpCommand<UploadAnswer> {
  const { offset: off, data, first } = piece
  return {
    name: 'image upload',
    op: SmpOp.write,
    group: SmpGroup.image,
    command: ImageCommand.upload,
    payload: first ? { len: first.totalBytes, sha: first.sha256, off, data } : { off, data },
    readAnswer: payload => ({
      offset: countField(payload, 'off'),
      match: typeof payload['match'] === 'boolean' ? payload['match'] : undefined,
    }),
  }
}

/** The request packet of a command. `sequence` is 0 … 255. */
export function requestOf(command: SmpCommand<unknown>, sequence: number): SmpPacket {
  const { op, group, command: id, payload } = command
  return { op, version: 1, group, sequence, command: id, payload }
}

/** The answer to a request: the operation byte plus one, everything else as it came. */
export function answerTo(request: SmpPacket, payload: SmpPayload): SmpPacket {
  const op = request.op === SmpOp.read ? SmpOp.readResponse : SmpOp.writeResponse
  return { ...request, op, payload }
}

function readSlot(entry: unknown): ImageSlotState {
  const slot = mapIn(entry, 'images')
  const hash = slot['hash']
  if (hash !== undefined && !(hash instanceof Uint8Array)) {
    throw new SmpFormatError('field "hash" is not a byte string')
  }
  const flag = (name: string) => slot[name] === true
  return {
    image: slot['image'] === undefined ? 0 : countField(slot, 'image'),
    slot: countField(slot, 'slot'),
    version: slot['version'] === undefined ? '' : printableText(textField(slot, 'version')),
    hash,
    bootable: flag('bootable'),
    pending: flag('pending'),
    confirmed: flag('confirmed'),
    active: flag('active'),
    permanent: flag('permanent'),
  }
}

/** A slot whose size could not be found out is listed with an error in its place. */
function sizeIn(image: number, slot: SmpPayload): SlotSize[] {
  if (slot['size'] === undefined) return []
  return [{ image, slot: countField(slot, 'slot'), bytes: countField(slot, 'size') }]
}

function listField(payload: SmpPayload, name: string): readonly unknown[] {
  const value = payload[name]
  if (!Array.isArray(value)) throw new SmpFormatError(`field "${name}" is not a list`)
  return value
}

function mapIn(entry: unknown, list: string): SmpPayload {
  if (!isPayload(entry)) throw new SmpFormatError(`an entry of "${list}" is not a map`)
  return entry
}

function textField(payload: SmpPayload, name: string): string {
  const value = payload[name]
  if (typeof value !== 'string') throw new SmpFormatError(`field "${name}" is not text`)
  return value
}

function countField(payload: SmpPayload, name: string): number {
  const value = payload[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new SmpFormatError(`field "${name}" is not a whole number of 0 or more`)
  }
  return value
}
