/** What comes over a line: packets, whatever stands between them, and what was thrown away. */
export type SmpItem =
  | { readonly kind: 'packet'; readonly packet: Uint8Array }
  /**
   * Whatever stands outside packets, line by line and without the line end: console output of the
   * device, or noise. Bytes are characters 0 … 255; a very long line comes in parts.
   */
  | { readonly kind: 'text'; readonly text: string }
  /** Bytes of a packet that was given up, as counted on the line, marks and line ends included. */
  | { readonly kind: 'discarded'; readonly bytes: number; readonly reason: string }

/** Takes the bytes of a line in any pieces. */
export interface SmpParser {
  push(bytes: Uint8Array): SmpItem[]
  /** Whether something has begun that {@link SmpEncoding.silenceMs} of silence make void. */
  readonly isOpen: boolean
  /** Gives up what has begun; the next byte begins anew. */
  giveUp(): SmpItem[]
}

/** How packets lie on a line. Both ends of it must speak the same. */
export interface SmpEncoding {
  readonly name: 'console' | 'raw'
  /** What a device's stated buffer holds beside a packet. */
  readonly bufferExtraBytes: number
  /** After so much silence within a packet the rest is not waited for; null: it always is. */
  readonly silenceMs: number | null
  encode(packet: Uint8Array): Uint8Array
  /** The bytes that `encode` makes of a packet of this length. */
  wireBytes(packetBytes: number): number
  /** A longer packet is taken for noise. */
  createParser(maxPacketBytes?: number): SmpParser
}
