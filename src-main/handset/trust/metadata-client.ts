import type { MetadataRole } from '../../wire/metadata/messages'

/** What a handset keeps of a vendor's metadata, each JSON as its signatures cover it. */
export type KeptMetadata = Readonly<{ root: string } & Partial<Record<MetadataRole, string>>>

/** A whole image as the vendor signed it. */
export interface SignedTarget {
  readonly bytes: number
  /** In hex; undefined: the vendor named another digest. */
  readonly sha256: string | undefined
  /** What the vendor says of it; not yet checked. */
  readonly custom: unknown
}

export interface RefreshOrder {
  readonly kept: KeptMetadata
  /** Milliseconds since 1970: what has ended by then is not believed. */
  readonly now: number
  /** Of the target that is asked for. */
  readonly path: string
  /**
   * Gets a document such as `2.root.json`; undefined: there is none. Rejects with `RadioLost`, and
   * with `METADATA_TOO_LONG` beyond so many bytes.
   */
  readonly fetch: (file: string, bytesMax: number) => Promise<Uint8Array | undefined>
}

export interface Refreshed {
  /** What was proved so far, also where it failed after. */
  readonly kept: KeptMetadata
  /** Undefined: the vendor signed none of that path, or it failed before. */
  readonly target: SignedTarget | undefined
  /** Why nothing is to be believed: a CodedError `METADATA_…`, or what `fetch` rejected with. */
  readonly failure: Error | undefined
}

/** Proves a vendor's metadata from a root on (TUF specification, 5.3 to 5.6). */
export interface MetadataClient {
  /** Throws a CodedError `ROOT_UNFIT` for what is no root that signs itself. */
  checkRoot(root: string): void
  refresh(order: RefreshOrder): Promise<Refreshed>
}
