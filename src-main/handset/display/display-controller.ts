const BYTES_PER_PIXEL = 2
const COMMANDS = {
  softwareReset: 0x01,
  sleepOut: 0x11,
  displayOff: 0x28,
  displayOn: 0x29,
  columns: 0x2a,
  rows: 0x2b,
  pixels: 0x2c,
} as const

/** First and last column or row, both shown. */
interface Span {
  first: number
  last: number
}

/**
 * The display's controller, an ST7735's in what resources/firmware/README.md names: takes bytes
 * from the SPI and writes pixels. Commands that it does not know swallow their data; pixels beyond
 * the glass are nowhere.
 */
export class DisplayController {
  /** Grows with every change of a pixel, over resets too. */
  revision = 0
  readonly #pixels: Uint8Array
  readonly #width: number
  readonly #height: number
  #isAwake = false
  #isSwitchedOn = false
  #columns: Span
  #rows: Span
  #command: number | undefined
  /** First and last of a span, so far. */
  #data: number[] = []
  /** First byte of a pixel. */
  #high: number | undefined
  #x = 0
  #y = 0

  constructor(pixels: Uint8Array, { width, height }: { width: number; height: number }) {
    this.#pixels = pixels
    this.#width = width
    this.#height = height
    this.#columns = { first: 0, last: width - 1 }
    this.#rows = { first: 0, last: height - 1 }
  }

  get on(): boolean {
    return this.#isAwake && this.#isSwitchedOn
  }

  /** As its reset line and command 01 do. The pixels stay. */
  reset(): void {
    this.#isAwake = false
    this.#isSwitchedOn = false
    this.#columns = { first: 0, last: this.#width - 1 }
    this.#rows = { first: 0, last: this.#height - 1 }
    this.#command = undefined
    this.#data = []
    this.#high = undefined
  }

  /** A byte with the level of the pin that is 0 for commands and 1 for data. */
  take(byte: number, isData: boolean): void {
    if (isData) this.#takeData(byte)
    else this.#takeCommand(byte)
  }

  #takeCommand(byte: number): void {
    this.#command = byte
    this.#data = []
    this.#high = undefined
    if (byte === COMMANDS.softwareReset) this.reset()
    if (byte === COMMANDS.sleepOut) this.#isAwake = true
    if (byte === COMMANDS.displayOff) this.#isSwitchedOn = false
    if (byte === COMMANDS.displayOn) this.#isSwitchedOn = true
    if (byte !== COMMANDS.pixels) return
    this.#x = this.#columns.first
    this.#y = this.#rows.first
  }

  #takeData(byte: number): void {
    if (this.#command === COMMANDS.columns) this.#takeSpan(byte, span => (this.#columns = span))
    if (this.#command === COMMANDS.rows) this.#takeSpan(byte, span => (this.#rows = span))
    if (this.#command !== COMMANDS.pixels) return
    const high = this.#high
    this.#high = high === undefined ? byte : undefined
    if (high !== undefined) this.#draw(high, byte)
  }

  /** Four bytes: first and last, the high byte first. What ends before it begins is not taken. */
  #takeSpan(byte: number, set: (span: Span) => void): void {
    this.#data.push(byte)
    const [firstHigh = 0, firstLow = 0, lastHigh = 0, lastLow] = this.#data
    if (lastLow === undefined) return
    const span = { first: (firstHigh << 8) | firstLow, last: (lastHigh << 8) | lastLow }
    if (span.first <= span.last) set(span)
    this.#command = undefined
  }

  #draw(high: number, low: number): void {
    if (this.#x < this.#width && this.#y < this.#height) {
      const at = (this.#y * this.#width + this.#x) * BYTES_PER_PIXEL
      if (this.#pixels[at] !== high || this.#pixels[at + 1] !== low) this.revision += 1
      this.#pixels[at] = high
      this.#pixels[at + 1] = low
    }
    this.#x += 1
    if (this.#x <= this.#columns.last) return
    this.#x = this.#columns.first
    this.#y = this.#y < this.#rows.last ? this.#y + 1 : this.#rows.first
  }
}
