import { hash } from 'node:crypto'
import { MetaFile, Metadata, MetadataKind, type Root, type Targets } from '@tufjs/models'
import type { Snapshot, Timestamp } from '@tufjs/models'
import { CodedError } from '../base/coded-error'
import { readableRoot } from '../wire/metadata/messages'
import { signatureOf, type SigningKey } from './keys'

/** JSON as its signatures cover it. */
export function signedDocument(
  signed: Root | Targets | Snapshot | Timestamp,
  keys: readonly SigningKey[],
): string {
  const metadata = new Metadata(signed)
  for (const key of keys) metadata.sign(bytes => signatureOf(key, bytes))
  return JSON.stringify(metadata.toJSON())
}

/** Throws a CodedError `METADATA_WRONG`. Signatures are not looked at. */
export function readRoot(document: string): Metadata<Root> {
  return read('root', () => Metadata.fromJSON(MetadataKind.Root, JSON.parse(document)))
}

/** Throws a CodedError `METADATA_WRONG`. Signatures are not looked at. */
export function readTargets(document: string): Metadata<Targets> {
  return read('targets', () => Metadata.fromJSON(MetadataKind.Targets, JSON.parse(document)))
}

/** Whose root it is, by a field that its signatures cover. Throws `METADATA_WRONG`. */
export function vendorOf(document: string): string {
  return read('root', () => readableRoot.parse(JSON.parse(document)).signed.vendor)
}

/** Throws a CodedError `METADATA_UNSIGNED` where too few of the keys that the root lists signed. */
export function mustBeSigned(
  by: Metadata<Root>,
  document: Metadata<Root> | Metadata<Targets>,
): void {
  const role = document.signed.type
  try {
    by.verifyDelegate(role, document)
  } catch (cause) {
    const { version } = document.signed
    const message = `Version ${version} of the ${role} metadata is not signed by enough of the keys that the root lists.`
    throw new CodedError('METADATA_UNSIGNED', message, { role, version }, { cause })
  }
}

/** How a document is named in the one that vouches for it. */
export function vouchedFile(document: string, version: number): MetaFile {
  const length = Buffer.byteLength(document)
  return new MetaFile({ version, length, hashes: { sha256: hash('sha256', document, 'hex') } })
}

/** As TUF writes a time: whole seconds, in UTC. */
export function expiryAt(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}

function read<Result>(role: string, parse: () => Result): Result {
  try {
    return parse()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : ''
    const message = `The ${role} metadata cannot be read: ${reason}`
    throw new CodedError('METADATA_WRONG', message, { role }, { cause })
  }
}
