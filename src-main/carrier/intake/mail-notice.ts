import * as z from 'zod'
import type { Mail } from '../../contract/mail'
import { rollout } from '../../contract/rollouts'
import type { Announced } from './record-flaw'

const SUBJECT = 'release notice'

const announced = rollout.pick({
  vendorName: true,
  vendorReleaseId: true,
  softwareName: true,
  version: true,
  revision: true,
})

/** Whether a mail is meant as a notice of a release. */
export function isNotice({ to, subject }: Pick<Mail, 'to' | 'subject'>, address: string): boolean {
  return to.includes(address) && subject.trim().toLowerCase() === SUBJECT
}

/**
 * What a notice by mail announces (S11), from its lines `Vendor:`, `Release:`, `Software:` and
 * `Revision:`. Undefined where one is missing or wrong.
 */
export function readMailNotice({ text }: Pick<Mail, 'text'>): Announced | undefined {
  const [, softwareName, version] = /^(.+?)[ \t]+(\S+)$/.exec(valueOf(text, 'Software')) ?? []
  const read = z.safeParse(announced, {
    vendorName: valueOf(text, 'Vendor'),
    vendorReleaseId: numberOf(text, 'Release'),
    softwareName,
    version,
    revision: numberOf(text, 'Revision'),
  })
  return read.success ? read.data : undefined
}

function valueOf(text: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.{1,200})$`, 'm').exec(text)?.[1]?.trim() ?? ''
}

function numberOf(text: string, name: string): number {
  const value = valueOf(text, name)
  return /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
}
