import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeDescriptor } from '../../../src-main/wire/image/descriptor'
import { BuiltInSoftware } from '../../../src-main/handset/service/built-in-software'
import { plausibleImage } from '../small-handset'

/** An image for the small model that says its version. */
export function sampleImage(version: string, model = 'small'): Uint8Array {
  const seed = Number(version.replaceAll('.', ''))
  const image = plausibleImage(20_000, seed)
  const facts = { name: 'sample', agentLevel: 1, bytes: image.length, crc32: 0 }
  image.set(encodeDescriptor({ ...facts, model, version }), 0x40)
  return image
}

/** A folder as the firmware build leaves it. */
export function writeSamples(folder: string, versions: readonly string[]): BuiltInSoftware {
  const entries = versions.map(version => {
    const image = sampleImage(version)
    const file = `sample-${version}.bin`
    writeFileSync(join(folder, file), image)
    const sha256 = createHash('sha256').update(image).digest('hex')
    const note = `Sample ${version}.`
    return { file, version, name: 'sample', model: 'small', bytes: image.length, sha256, note }
  })
  writeFileSync(join(folder, 'firmware.json'), JSON.stringify(entries))
  return new BuiltInSoftware(() => folder)
}
