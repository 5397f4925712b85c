import { access, rename } from 'node:fs/promises'
import type { Clock } from '../base/clock'

/**
 * Renames a damaged file to `NAME.damaged-<UTC time>` in its folder, never over another file.
 * Answers the new path.
 */
export async function setAside(path: string, clock: Clock): Promise<string> {
  const stem = `${path}.damaged-${timeForNames(clock.now())}`
  let aside = stem
  for (let count = 2; await exists(aside); count++) aside = `${stem}-${count}`
  await rename(path, aside)
  return aside
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/** `20261120T101112Z`: sorts by time and holds nothing that a file system refuses. */
function timeForNames(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
}
