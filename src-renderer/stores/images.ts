import { defineStore } from 'pinia'
import { ref } from 'vue'
import { IMAGE_FILE_BYTES_MAX } from '../../src-main/contract/constants'
import type { StoredImage } from '../../src-main/contract/images'
import { useConnection } from '../rpc/connection'
import type { Problem } from '../rpc/problem'
import { uploadFile } from '../rpc/upload'

/** A file on its way into the library, or one that was refused and not yet put away. */
export interface Upload {
  readonly id: number
  readonly name: string
  fraction: number
  problem: Problem | null
}

export const useImages = defineStore('images', () => {
  const connection = useConnection()
  /** Newest first. */
  const list = ref<StoredImage[]>([])
  const uploads = ref<Upload[]>([])
  let lastUpload = 0

  function put(image: StoredImage): void {
    list.value = [image, ...list.value.filter(known => known.digest !== image.digest)]
  }

  function drop(digest: string): void {
    list.value = list.value.filter(image => image.digest !== digest)
  }

  /** Sends one file. Resolves with the stored image, or null where it was refused. */
  async function add(file: File): Promise<StoredImage | null> {
    const id = ++lastUpload
    const upload: Upload = { id, name: file.name, fraction: 0, problem: tooLarge(file) }
    uploads.value = [...uploads.value, upload]
    if (upload.problem) return null
    const change = (changed: Partial<Upload>) => {
      uploads.value = uploads.value.map(one => (one.id === id ? { ...one, ...changed } : one))
    }
    const outcome = await uploadFile<StoredImage>('/upload', file, fraction => change({ fraction }))
    if (outcome.kind === 'failed') {
      change({ problem: outcome.problem })
      return null
    }
    dismissUpload(id)
    return outcome.stored
  }

  function dismissUpload(id: number): void {
    uploads.value = uploads.value.filter(upload => upload.id !== id)
  }

  async function remove(digest: string): Promise<void> {
    await connection.client().images.remove({ digest })
  }

  return { list, uploads, put, drop, add, dismissUpload, remove }
})

function tooLarge(file: File): Problem | null {
  if (file.size <= IMAGE_FILE_BYTES_MAX) return null
  const message = `The file has ${file.size} bytes; ${IMAGE_FILE_BYTES_MAX} are allowed.`
  return { code: 'IMAGE_TOO_LARGE', message, data: { bytes: file.size } }
}
