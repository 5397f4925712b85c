import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWorkbench } from '../../src-main/api'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { openRewriteSource } from '../../src-main/wire/delta/open-rewrite-source'
import { handsetAt, inquiryOf, sha256Of } from './carrier-bench'

function firmware(version: string): Uint8Array {
  const path = resolve(import.meta.dirname, `../../resources/firmware/k1-${version}.bin`)
  return new Uint8Array(readFileSync(path))
}

/** The file that the workbench's carrier makes for a handset with so much stash. */
async function rewriteFor(stashBytes: number) {
  const workbench = await createWorkbench()
  onTestFinished(() => workbench.close())
  const old = firmware('1.1.0')
  const { digest } = await workbench.upload('k1-2.0.0.bin', firmware('2.0.0'))
  await workbench.carrier.publish({ digest })
  const software = {
    id: { name: 'kintsugi-k1', version: '1.1.0' },
    bytes: old.length,
    sha256: sha256Of(old),
  }
  const { flash } = inquiryOf('1.1.0')
  const inquiry = inquiryOf('1.1.0', { software, flash: { ...flash, stashBytes } })
  const handset = handsetAt((await workbench.carrier.server()).address)
  // While the file is in the making the answer has no update.
  await expect.poll(() => handset.inquire(inquiry)).toMatchObject({ kind: 'differential' })
  const update = await handset.inquire(inquiry)
  const id = update?.id ?? ''
  return openRewriteSource(await handset.file(id, await handset.request(id)), nodeSha256).plan
}

test('the carrier makes a file for the stash that the handset has [S0-16] [S0-28]', async () => {
  const [none, usual] = [await rewriteFor(0), await rewriteFor(0x8000)]
  expect(none.stash).toEqual([])
  expect(none.oldBytes).toBe(firmware('1.1.0').length)
  expect(usual.stash).not.toEqual([])
})
