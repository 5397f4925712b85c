import { CodedError } from '../../base/coded-error'
import { targetCustom } from '../../wire/metadata/messages'
import type { Inquiry, UpdateInformation } from '../../wire/update/messages'
import { compareVersions } from '../../wire/update/versions'
import type { SignedTarget } from './metadata-client'

/**
 * Judges an announced update by what the vendor signed. Throws a CodedError where it is not exactly
 * that, is for another model, or would bring the handset to an older release or to other bytes of
 * the release that it holds.
 */
export function judgeTarget(
  target: SignedTarget | undefined,
  { target: announced }: UpdateInformation,
  { model, software }: Pick<Inquiry, 'model' | 'software'>,
): void {
  const { name, version } = announced.id
  const what = `${name} ${version}`
  if (!target) {
    throw refused('METADATA_TARGET_UNKNOWN', `The vendor signed no ${what} for ${model}.`)
  }
  const read = targetCustom.safeParse(target.custom)
  if (!read.success) {
    throw refused('METADATA_WRONG', `What the vendor says of ${what} cannot be read.`)
  }
  const { softwareId, model: madeFor, bases } = read.data
  if (madeFor !== model) {
    throw refused('METADATA_MODEL_OTHER', `${what} is for ${madeFor}, this is a ${model}.`)
  }
  const isNamed = softwareId.name === name && softwareId.version === version
  if (!isNamed || target.bytes !== announced.bytes || target.sha256 !== announced.sha256) {
    throw refused('METADATA_TARGET_OTHER', `The vendor signed other software as ${what}.`)
  }
  if (software) mustFollow(announced.id, software.id, bases)
}

function mustFollow(
  { name, version }: UpdateInformation['target']['id'],
  held: NonNullable<Inquiry['software']>['id'],
  bases: readonly string[],
): void {
  if (name !== held.name) {
    const problem = `The handset holds ${held.name}, announced is ${name}.`
    throw refused('METADATA_TARGET_OTHER', problem)
  }
  if (compareVersions(version, held.version) <= 0) {
    const problem = `The handset holds version ${held.version}; ${version} is not above it.`
    throw refused('METADATA_RELEASE_OLDER', problem)
  }
  if (bases.length === 0 || bases.includes(held.version)) return
  const problem = `The vendor lets ${version} follow ${bases.join(', ')}, not ${held.version}.`
  throw refused('METADATA_BASE_OTHER', problem)
}

function refused(code: string, problem: string): CodedError {
  return new CodedError(code, `${problem} The update is refused; tell the carrier.`)
}
