import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { Intake } from '../../../src-main/carrier/intake/intake'
import { INTAKE_STATUS_OF_CODE } from '../../../src-main/carrier/intake/intake-mount'
import { BlobSoftwareStorage } from '../../../src-main/carrier/intake/software-storage'
import { VendorRegistry } from '../../../src-main/carrier/intake/vendor-registry'
import type { Mail } from '../../../src-main/contract/mail'
import { basicCredentials } from '../../../src-main/site/credentials'
import { startSite } from '../../../src-main/site/start-site'
import type { ReleaseNotice, ReleaseRecord } from '../../../src-main/wire/vendor/messages'
import { partsBench } from '../parts-bench'
import { SampleRolloutBook } from '../rollout-book'
import { ACCESSOR, type Behaviour, vendorStandIn } from './vendor-stand-in'

const VENDOR_PASSWORD = 'vendor a at the carrier'

/** The carrier's intake behind a real server, and a vendor that it knows. */
export async function intakeBench(behaviour: Behaviour = {}) {
  const bench = await partsBench()
  const { audit, clock, logDefect } = bench
  const vendor = await vendorStandIn(clock, behaviour)
  const book = new SampleRolloutBook(bench)
  const registry = new VendorRegistry(bench)
  const storage = new BlobSoftwareStorage(bench.blobs)
  const taken: string[] = []
  const mailListeners = new Set<(mail: Mail) => void | Promise<void>>()
  const intake = new Intake({
    ...bench,
    book,
    registry,
    storage,
    metadata: { take: async vendorName => void taken.push(vendorName) },
    onMail(listener) {
      mailListeners.add(listener)
      return () => void mailListeners.delete(listener)
    },
  })
  const site = await startSite({
    actor: 'carrier',
    statusOfCode: INTAKE_STATUS_OF_CODE,
    audit,
    clock,
    logDefect,
    port: 0,
    mount: intake.mount,
  })
  intake.start()
  onTestFinished(async () => {
    await intake.close()
    await site.close()
  })
  const register = (changes: Partial<Parameters<VendorRegistry['setVendor']>[0]> = {}) =>
    registry.setVendor({
      vendorName: 'Vendor A',
      databaseAddress: vendor.address,
      accessorId: ACCESSOR.id,
      accessorPassword: ACCESSOR.password,
      vendorPassword: VENDOR_PASSWORD,
      ...changes,
    })
  await register()
  const post = (path: string, body: unknown, authorization = vendorSays()) =>
    fetch(site.address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(body),
    })
  return {
    ...bench,
    address: site.address,
    book,
    intake,
    registry,
    register,
    storage,
    taken,
    vendor,
    post,
    notify: (changes: Partial<ReleaseNotice> = {}, authorization?: string) =>
      post('/v1/notices', noticeOf(clock.now(), changes), authorization),
    mail: async (text: string, changes: Partial<Mail> = {}) => {
      const mail: Mail = {
        id: 1,
        at: clock.now(),
        messageId: randomUUID(),
        from: 'notices@vendor-a.example',
        to: ['carrier@kintsugi.example'],
        subject: 'Release notice',
        text,
        links: [],
        ...changes,
      }
      for (const listener of mailListeners) await listener(mail)
    },
    state: async (id = 1) => (await book.rollout(id)).state,
    upload: async (record: ReleaseRecord, authorization?: string) => {
      const answer = await post('/v1/uploads', record, authorization)
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    },
    send: (
      uploadId: unknown,
      body: Uint8Array<ArrayBuffer> | ReadableStream,
      authorization = vendorSays(),
    ) =>
      fetch(`${site.address}/v1/uploads/${String(uploadId)}/software`, {
        method: 'PUT',
        headers: { authorization },
        body,
        duplex: 'half',
      } as RequestInit),
    look: (uploadId: unknown, authorization = vendorSays()) =>
      fetch(`${site.address}/v1/uploads/${String(uploadId)}`, { headers: { authorization } }),
  }
}

export function vendorSays(id = 'Vendor A', password = VENDOR_PASSWORD): string {
  return basicCredentials({ id, password })
}

export function noticeOf(sentAt: number, changes: Partial<ReleaseNotice> = {}): ReleaseNotice {
  return {
    noticeId: randomUUID(),
    vendorName: 'Vendor A',
    vendorReleaseId: 7,
    softwareName: 'router-os',
    version: '2.0.0',
    revision: 1,
    sentAt,
    ...changes,
  }
}
