import type { SoftwareStorage } from './ports'

/** Bytes that are on their way to several devices are read and held once. */
export class DeviceBytes {
  readonly #storage: Pick<SoftwareStorage, 'read'>
  readonly #held = new Map<string, { readonly bytes: Promise<Uint8Array>; users: number }>()

  constructor(storage: Pick<SoftwareStorage, 'read'>) {
    this.#storage = storage
  }

  /** Rejects with `BLOB_DAMAGED`, and as the work does. */
  async during<Result>(
    digest: string,
    work: (bytes: Uint8Array) => Promise<Result>,
  ): Promise<Result> {
    const held = this.#held.get(digest) ?? { bytes: this.#storage.read(digest), users: 0 }
    this.#held.set(digest, held)
    held.users += 1
    try {
      return await work(await held.bytes)
    } finally {
      held.users -= 1
      if (held.users === 0) this.#held.delete(digest)
    }
  }
}
