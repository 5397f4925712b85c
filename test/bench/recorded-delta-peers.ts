/**
 * File sizes in bytes of tools that Debian does not package, measured once over public firmware with
 * HDiffPatch 4.12 (`-SD`, LZMA), detools 0.53 (hdiffpatch and in-place patches, LZMA, 64 KiB spare)
 * and HPatchLite 1.0.2 (in place, 64 KiB of extra RAM, LZMA). `null`: the tool did not come to an end.
 */
export interface RecordedPeers {
  readonly hdiffpatch: number
  readonly detools: number
  readonly detoolsInPlace: number | null
  readonly hpatchliteInPlace: number
  /** The smallest of 17 variants of tools that need room for both images. */
  readonly bestTwoSlot: number
}

export const RECORDED_PEERS: Readonly<Record<string, RecordedPeers>> = {
  'hackrf-one-2022-2024': recorded(10_941, 11_615, 12_150, 11_355, 10_941),
  'pybricks-movehub-v4.0.0b4-v4.0.0b5': recorded(6096, 6251, 6176, 6200, 4211),
  'opensbi-rv64-1.5.1-1.6': recorded(69_847, 72_330, 79_251, 74_775, 67_160),
  'seabios-256k-1.16.2-1.16.3': recorded(26_356, 29_069, 29_563, 27_777, 26_356),
  'upy-pybv11-1.10-1f5d945': recorded(35_116, 35_373, 37_746, 35_672, 35_116),
  'uboot-qemu-arm-arm64-2021.01-5-2021.01-5deb11u3': recorded(
    23_451,
    23_730,
    26_180,
    24_419,
    23_451,
  ),
  'uboot-rpi-2-armhf-2023.01-2deb12u3-2025.01-3deb13u1': recorded(
    123_650,
    122_422,
    136_072,
    133_267,
    122_422,
  ),
  'linux-rpi-6.1-first4M': recorded(115_072, 113_689, null, 127_536, 113_689),
}

function recorded(...sizes: [number, number, number | null, number, number]): RecordedPeers {
  const [hdiffpatch, detools, detoolsInPlace, hpatchliteInPlace, bestTwoSlot] = sizes
  return { hdiffpatch, detools, detoolsInPlace, hpatchliteInPlace, bestTwoSlot }
}
