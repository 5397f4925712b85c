import type { CodedError } from '../../base/coded-error'
import { asciiText, viewOf } from '../../base/bytes'
import { foreign } from './image-errors'

interface Signature {
  readonly found: string
  readonly at: number
  /** Characters 0 … 255. */
  readonly magic: string
  readonly kind: 'archive' | 'other'
}

function signature(found: string, magic: string, at = 0): Signature {
  return { found, at, magic, kind: 'other' }
}

function archive(found: string, magic: string, at = 0): Signature {
  return { found, at, magic, kind: 'archive' }
}

/** Only long or unmistakable magic: a raw image may begin with any few bytes. */
const SIGNATURES: readonly Signature[] = [
  archive('a ZIP archive', 'PK\u0003\u0004'),
  archive('an empty ZIP archive', 'PK\u0005\u0006'),
  archive('a gzip file', '\u001F\u008B\u0008'),
  archive('an xz file', '\u00FD7zXZ\0'),
  archive('a bzip2 file', 'BZh91AY&SY'),
  archive('a Zstandard file', '\u0028\u00B5\u002F\u00FD'),
  archive('an LZ4 file', '\u0004"M\u0018'),
  archive('a 7z archive', "7z\u00BC\u00AF'\u001C"),
  archive('a RAR archive', 'Rar!\u001A\u0007'),
  archive('a tar archive', 'ustar', 257),
  archive('a static library or Debian package (ar)', '!<arch>\n'),
  archive('a cabinet archive', 'MSCF\0\0\0\0'),
  archive('a DfuSe file', 'DfuSe\u0001'),
  signature('a PNG picture', '\u0089PNG\r\n\u001A\n'),
  signature('a JPEG picture', '\u00FF\u00D8\u00FF'),
  signature('a GIF picture', 'GIF8'),
  signature('a PDF document', '%PDF-'),
  signature('a RIFF file (sound, video or WebP)', 'RIFF'),
  signature('an Ogg file', 'OggS'),
  signature('an MP4 or QuickTime file', 'ftyp', 4),
  signature('an old Office document', '\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1'),
  signature('an SQLite database', 'SQLite format 3\0'),
  signature('a WebAssembly module', '\0asm\u0001\0\0\0'),
  signature('a Mach-O program for macOS', '\u00FE\u00ED\u00FA\u00CE'),
  signature('a Mach-O program for macOS', '\u00FE\u00ED\u00FA\u00CF'),
  signature('a Mach-O program for macOS', '\u00CE\u00FA\u00ED\u00FE'),
  signature('a Mach-O program for macOS', '\u00CF\u00FA\u00ED\u00FE'),
  signature('a Java class or Mach-O program', '\u00CA\u00FE\u00BA\u00BE'),
]

const ADVICE = 'Give a firmware image: bin, Intel HEX, SREC, UF2 or ELF.'
const UNPACK_ADVICE = 'Unpack it and give the firmware image inside.'

/** The refusal of a file that is plainly something else; undefined where it could be raw code. */
export function foreignFile(bytes: Uint8Array): CodedError | undefined {
  const known = SIGNATURES.find(({ at, magic }) => hasText(bytes, at, magic))
  if (known) return foreign(known.found, known.kind === 'archive' ? UNPACK_ADVICE : ADVICE)
  if (isWindowsProgram(bytes)) return foreign('a Windows program', ADVICE)
  return isText(bytes) ? foreign(textKind(bytes), ADVICE) : undefined
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  return asciiText(bytes.subarray(at, at + text.length)) === text
}

/** Programs for EFI begin so as well, and neither is for a handset. */
function isWindowsProgram(bytes: Uint8Array): boolean {
  if (!hasText(bytes, 0, 'MZ') || bytes.length < 64) return false
  return hasText(bytes, viewOf(bytes).getUint32(60, true), 'PE\0\0')
}

function textKind(bytes: Uint8Array): string {
  const start = asciiText(bytes.subarray(0, 200)).trimStart().toLowerCase()
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) {
    return 'a web page (HTML), perhaps an error page in place of the download'
  }
  if (start.startsWith('version https://git-lfs')) return 'a Git LFS pointer, not the file itself'
  if (start.startsWith('<?xml')) return 'an XML file'
  if (start.startsWith('#!')) return 'a script'
  return 'a text file'
}

/** UTF-8 without control characters, all through. Machine code never is. */
function isText(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const length = characterBytes(bytes[at] ?? 0)
    if (length === 0) return false
    for (let next = at + 1; next < at + length; next++) {
      if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return false
    }
    at += length
  }
  return true
}

/** How many bytes the character has that this byte begins; 0 where it begins none of a text. */
function characterBytes(first: number): number {
  if (first < 0x20)
    return first === 0x09 || first === 0x0a || first === 0x0c || first === 0x0d ? 1 : 0
  if (first < 0x7f) return 1
  if (first >= 0xc2 && first <= 0xdf) return 2
  if (first >= 0xe0 && first <= 0xef) return 3
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0
}
