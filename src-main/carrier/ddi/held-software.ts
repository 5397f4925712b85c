import type { Attributes } from './messages'

interface Software {
  readonly softwareName: string
  readonly version: string
}

/**
 * Whether a device's own attributes say that it runs this software: by `software_id`, which holds
 * the version at its end (`P100-2.0.0`), or by `version` with, where it is given, `software_name`.
 * Undefined where the device does not say.
 */
export function isRunning(
  reported: Attributes,
  { softwareName, version }: Software,
): boolean | undefined {
  const id = reported['software_id'] ?? reported['softwareId']
  if (id !== undefined) return id === version || endsWith(id, version)
  const named = reported['software_name'] ?? softwareName
  const told = versionIn(reported)
  return told === undefined ? undefined : told === version && named === softwareName
}

/** The name and version for the customer table; undefined where the device gives no version. */
export function softwareIn(
  reported: Attributes,
): { readonly name: string | null; readonly version: string } | undefined {
  const version = versionIn(reported)
  if (version === undefined || version === '' || version.length > 64) return undefined
  const name = reported['software_name']
  return { name: name === undefined || name === '' ? null : name.slice(0, 64), version }
}

function versionIn(reported: Attributes): string | undefined {
  return reported['software_version'] ?? reported['version']
}

/** `P100-2.0.0` ends with 2.0.0, and `P100-12.0.0` does not. */
function endsWith(id: string, version: string): boolean {
  return id.endsWith(version) && /[^A-Za-z0-9.]$/.test(id.slice(0, -version.length))
}
