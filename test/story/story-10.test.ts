import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { RestoreView } from '../../src-main/contract/restore'
import { firmware, stageWithVendor } from './carrier-cast'

const NAME = 'H-10'
const LINK = `virtual:${NAME}`

/** Story 10 without what Seeds 3 and 4 add to it. */
test('story 10: a bricked device on the bench, its cable pulled at half twice [S0-33] [S0-40] [S0-46]', async () => {
  const { stage } = await stageWithVendor()
  const { workbench } = stage
  const { handsets, restore } = workbench
  await handsets.create({ name: NAME, model: 'k1', bricked: true, seed: 10 })
  const before = (await handsets.list()).find(({ name }) => name === NAME)
  const image = firmware('1.1.0')
  const { digest } = await workbench.upload('k1-1.1.0.bin', image)

  const view = async (id: number) => (await restore.list({})).find(one => one.id === id)
  /** A whole restore takes less than a second, so it is looked at often. */
  const when = async (id: number, is: (found: RestoreView) => boolean) => {
    for (let looks = 0; looks < 6000; looks++) {
      const found = await view(id)
      if (found && is(found)) return found
      await stage.pass(10)
    }
    throw new Error('The restore did not get there in a minute.')
  }

  for (let pulled = 0; pulled < 2; pulled++) {
    const { id } = await restore.start({ link: LINK, digest, options: { resume: pulled > 0 } })
    await when(id, ({ stage: at, doneBytes, totalBytes }) => {
      return at === 'writing' && doneBytes > 0 && doneBytes * 4 >= totalBytes * (1 + pulled)
    })
    await handsets.cable({ name: NAME, on: false })
    const ended = await when(id, ({ stage: at }) => at === 'ended')
    expect(ended).toMatchObject({ result: 'interrupted', verified: false })
    await handsets.cable({ name: NAME, on: true })
    expect((await handsets.list()).find(({ name }) => name === NAME)?.state).toMatch(/^restore-/)
  }

  const { id } = await restore.start({ link: LINK, digest, options: { resume: true } })
  const ended = await when(id, ({ stage: at }) => at === 'ended')
  expect(ended).toMatchObject({
    result: 'restored',
    verified: true,
    sha256: createHash('sha256').update(image).digest('hex'),
  })
  expect(ended.resumedFrom).toBeGreaterThan(0)
  const after = (await handsets.list()).find(({ name }) => name === NAME)
  expect(after?.terminalId).toBe(before?.terminalId)
})
