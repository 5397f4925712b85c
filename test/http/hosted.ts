import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredImage } from '../../src-main/contract/images'
import type { LoopbackLimits, LoopbackServer } from '../../src-main/http/loopback-server'
import { routerOf, startServer } from '../rpc/carriers'
import { sampleServices, type SampleServices } from '../rpc/sample-services'

export interface Hosted {
  readonly server: LoopbackServer
  readonly services: SampleServices
  readonly uploads: { name: string; bytes: number }[]
  /** Everything that ever changed something. */
  effects(): number
  close(): Promise<void>
}

/** A server over the sample services, with a page of its own. */
export async function host(limits: Partial<LoopbackLimits> = {}): Promise<Hosted> {
  const services = sampleServices()
  const uploads: { name: string; bytes: number }[] = []
  const rendererDir = mkdtempSync(join(tmpdir(), 'kintsugi-window-'))
  writeFileSync(join(rendererDir, 'index.html'), '<!doctype html><title>the window</title>')
  const server = await startServer(routerOf(services), {
    rendererDir,
    limits,
    async store(name, content) {
      let bytes = 0
      for await (const piece of content) bytes += piece.length
      uploads.push({ name, bytes })
      return storedImage(name, bytes)
    },
    async storePackage(name, content) {
      let bytes = 0
      for await (const piece of content) bytes += piece.length
      uploads.push({ name, bytes })
      return { digest: 'cd'.repeat(32), name, bytes, addedAt: 0 }
    },
  })
  return {
    server,
    services,
    uploads,
    effects: () => uploads.length + services.performed.length,
    async close() {
      await server.close()
      rmSync(rendererDir, { recursive: true, force: true })
    },
  }
}

function storedImage(name: string, fileBytes: number): StoredImage {
  const digest = 'cd'.repeat(32)
  return {
    digest,
    name,
    fileBytes,
    addedAt: 0,
    info: {
      name,
      format: 'bin',
      bytes: fileBytes,
      segments: [],
      sha256: digest,
      fileBytes,
      fileSha256: digest,
      entry: null,
      warnings: [],
    },
  }
}
