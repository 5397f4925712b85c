import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs of other people that tests hold Kintsugi against, and the Debian package of each. */
export const PEERS = {
  'arm-none-eabi-gcc': 'gcc-arm-none-eabi',
  'arm-none-eabi-objcopy': 'binutils-arm-none-eabi',
  bsdiff: 'bsdiff',
  chromium: 'chromium',
  cpio: 'cpio',
  gcc: 'gcc',
  openssl: 'openssl',
  python3: 'python3',
  socat: 'socat',
  spin: 'spin',
  srec_cat: 'srecord',
  swupdate: 'swupdate',
  xdelta3: 'xdelta3',
  zstd: 'zstd',
} as const
export type PeerName = keyof typeof PEERS

/**
 * The path of a peer's program; undefined where it is not installed, and the tests that need it
 * are skipped. With REQUIRE_PEERS=1 a missing peer is a failure instead.
 */
export function peer(name: PeerName): string | undefined {
  const path = find(name)
  if (!path && process.env['REQUIRE_PEERS'] === '1') {
    throw new Error(`${name} is missing; install Debian's package ${PEERS[name]}`)
  }
  return path
}

export function missingPeers(): PeerName[] {
  return (Object.keys(PEERS) as PeerName[]).filter(name => !find(name))
}

function find(name: PeerName): string | undefined {
  const named = name === 'chromium' ? process.env['CHROMIUM'] : undefined
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return [named, ...folders.map(folder => join(folder, name))].find(
    (path): path is string => path !== undefined && isProgram(path),
  )
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
