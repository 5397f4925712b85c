import { toHex } from '../base/bytes'
import type { RestoreOptions, RestorePlan } from '../contract/restore'
import type { RestoreDriver } from './drivers/driver'
import { deviceWord, type RestoreJournal } from './journal'
import { planOf, type PlannedImage } from './plan'
import { resumptionOf } from './resumption'

export interface SurveyParts {
  /** Of a device that has said who it is. */
  readonly driver: RestoreDriver
  readonly link: string
  readonly port: string
  readonly image: PlannedImage
  readonly options: Pick<RestoreOptions, 'resume' | 'force'>
  readonly journal: RestoreJournal
}

/** Asks the device and the journal whatever the plan depends on. Nothing changes by it. */
export async function survey(parts: SurveyParts): Promise<RestorePlan> {
  const { driver, link, port, image, options, journal } = parts
  const { content } = image
  const device = await driver.measure()
  const key = { sha256: toHex(content.sha256), device: deviceWord(device), port }
  const record = await journal.find(key).catch(() => undefined)
  const totalBytes = content.bytes.length
  const asks = options.resume && record !== undefined && device.device.mode !== 'software'
  const wanted = asks ? await driver.wantedByte(content) : undefined
  return planOf({
    link,
    image,
    device,
    slots: driver.slots,
    // A listed hash that leaves bytes out cannot tell two such images apart.
    isHeld: content.listedHashCoversAll && driver.heldBefore(content).kind === 'this-image',
    resumption: options.resume ? resumptionOf({ record, wanted, totalBytes }) : null,
    interruptedAt: record?.acknowledgedBytes ?? null,
    force: options.force,
    forecast: from => driver.forecast(content, from),
  })
}
