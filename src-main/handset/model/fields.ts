import { formatAddress } from '../../base/bytes'

/** One JSON object and where it stands, for errors that say so. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #where: string

  constructor(json: unknown, where: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new Error(`${where}: must be an object`)
    }
    this.#values = { ...json }
    this.#where = where
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], `${this.#where}, ${name}`)
  }

  /** Null where the field is null or left out. */
  optional<T>(name: string, read: (value: unknown) => T): T | null {
    const value = this.#values[name] ?? null
    return value === null ? null : read(value)
  }

  list(name: string): Fields[] {
    return this.#array(name).map((item, index) => {
      return new Fields(item, `${this.#where}, ${name} ${index + 1}`)
    })
  }

  isText(name: string): boolean {
    return typeof this.#values[name] === 'string'
  }

  text(name: string): string {
    const value = this.#values[name]
    if (typeof value !== 'string') throw this.wrong(name, 'must be text')
    return value
  }

  texts(name: string): string[] {
    return this.#array(name).map(item => {
      if (typeof item !== 'string') throw this.wrong(name, 'must be a list of texts')
      return item
    })
  }

  number(name: string, { min, max }: { min: number; max: number }): number {
    const value = this.#values[name]
    const isHex = typeof value === 'string' && /^0x[0-9a-f]{1,8}$/.test(value)
    const number = isHex ? Number.parseInt(value.slice(2), 16) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      throw this.wrong(name, 'must be a whole number or a text such as "0x190000"')
    }
    if (number < min || number > max) {
      throw this.wrong(name, `must be ${formatAddress(min)} to ${formatAddress(max)}`)
    }
    return number
  }

  /** A time in whatever unit the field is named by, fractions allowed. */
  duration(name: string): number {
    const value = this.#values[name]
    if (typeof value !== 'number' || !(value >= 0 && value <= 60_000)) {
      throw this.wrong(name, 'must be a number of 0 to 60000')
    }
    return value
  }

  wrong(name: string, why: string): Error {
    return new Error(`${this.#where}: ${name} ${why}`)
  }

  #array(name: string): readonly unknown[] {
    const value = this.#values[name]
    if (!Array.isArray(value)) throw this.wrong(name, 'must be a list')
    return value
  }
}
