import { CodedError } from '../base/coded-error'
import { METADATA_ROOT_BYTES_MAX } from '../contract/constants'
import type { Handset } from '../handset/handset'
import { Nv } from '../handset/trust/nv'
import { writeFileAtomically } from '../storage/atomic-file'
import { readImageFile } from './image-file'

/** What a handset holds beside its chip lies in a file beside the chip's. */
const NV_ENDING = '.nv'

/** The own memory of a handset whose chip is this file; empty where none is there yet. */
export async function openNv(chip: string | undefined): Promise<Nv> {
  const nv = new Nv()
  if (chip === undefined) return nv
  try {
    nv.write((await readImageFile(chip + NV_ENDING)).content)
    return nv
  } catch (error) {
    if (error instanceof CodedError && error.code === 'FILE_NOT_FOUND') return nv
    throw error
  }
}

/** Writes the file beside the chip's, where there is anything to keep. */
export async function saveNv(chip: string, nv: Nv): Promise<void> {
  const content = nv.read()
  if (content) await writeFileAtomically(chip + NV_ENDING, content)
}

/**
 * Has a handset believe the root of a file. One that believes a vendor already keeps what it has
 * learned since: an older root must not take that away. Rejects with `USAGE`.
 */
export async function provisionFrom(
  handset: Handset,
  file: string,
  note: (line: string) => void,
): Promise<void> {
  const root = await readRootFile(file)
  const { trust } = handset
  if (trust) {
    note(`It trusts ${trust.vendorName} already, by root ${trust.rootVersion}; --root is not used.`)
    return
  }
  handset.provision(root)
}

/** The document of a file. Rejects with `USAGE` for one that is too large, or as reading it does. */
export async function readRootFile(file: string): Promise<string> {
  const { content } = await readImageFile(file)
  if (content.length <= METADATA_ROOT_BYTES_MAX) return Buffer.from(content).toString('utf8')
  const message = `${file} has ${content.length} bytes; a root has at most ${METADATA_ROOT_BYTES_MAX}.`
  throw new CodedError('USAGE', message, { file })
}
