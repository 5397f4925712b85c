import * as z from 'zod'
import { call, errorCodes, handsetName, queryNumber } from './procedure'

export const flashRegion = z.object({
  name: z.string(),
  address: z.number().int().nonnegative(),
  bytes: z.number().int().positive(),
})
export type FlashRegion = z.infer<typeof flashRegion>

/** The states of a handset that exist so far (spec 2.0.4 names all). */
export const handsetState = z.enum([
  'off',
  'restore-wait',
  'restore-linked',
  'restore-writing',
  'restore-verifying',
])
export type HandsetState = z.infer<typeof handsetState>

/** Why the boot code stays in restore mode. */
export const restoreReason = z.enum([
  'key-held',
  'reset-requested',
  'region-invalid',
  'journal-open',
  'no-cpu',
])
export type RestoreReason = z.infer<typeof restoreReason>

export const handsetView = z.object({
  name: handsetName,
  model: z.string(),
  terminalId: z.string(),
  /** The LINK under which the restore service reaches it. */
  link: z.string(),
  state: handsetState,
  reason: restoreReason.nullable(),
  flash: z.object({
    bytes: z.number().int(),
    sectorBytes: z.number().int(),
    regions: z.array(flashRegion),
    /** One character a sector: `.` erased, `#` programmed. */
    sectors: z.string(),
    operations: z.number().int(),
    erases: z.number().int(),
    programs: z.number().int(),
  }),
  /** The flash operation at which the power will be cut; null where none is planned. */
  cutAt: z.number().int().nullable(),
})
export type HandsetView = z.infer<typeof handsetView>

export const FLASH_READ_BYTES_MAX = 65_536

export const handsetErrors = errorCodes({
  HANDSET_UNKNOWN: [404, 'No such handset.'],
  HANDSET_EXISTS: [409, 'A handset of that name exists.'],
  MODEL_UNKNOWN: [404, 'No such handset model.'],
  BAD_ADDRESS: [422, 'The address lies outside the flash.'],
})

export const handsets = {
  // Queries
  list: call
    .route({ method: 'GET', path: '/handsets', summary: 'Virtual handsets of this workbench' })
    .output(z.array(handsetView)),
  models: call
    .route({ method: 'GET', path: '/handsets/models', summary: 'Names of the device models' })
    .output(z.array(z.string())),
  flash: call
    .route({ method: 'GET', path: '/handsets/{name}/flash', summary: 'Bytes of the flash' })
    .input(
      z.object({
        name: handsetName,
        address: queryNumber(z.number().int().nonnegative()),
        length: queryNumber(z.number().int().min(1).max(FLASH_READ_BYTES_MAX)),
      }),
    )
    .errors(handsetErrors)
    .output(z.object({ hex: z.string(), sha256: z.string() })),
  // Commands
  create: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/handsets', summary: 'Makes a virtual handset' })
    .input(
      z.object({
        name: handsetName,
        model: z.string().default('k1'),
        bricked: z.boolean().default(true),
        seed: z.number().int().min(0).max(0xffff_ffff).default(1),
      }),
    )
    .errors(handsetErrors)
    .output(handsetView),
  power: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/handsets/{name}/power', summary: 'Switches power on or off' })
    .input(z.object({ name: handsetName, on: z.boolean() }))
    .errors(handsetErrors)
    .output(handsetView),
  cutPower: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/handsets/{name}/cut-power',
      summary: 'Plans a power cut at the n-th flash operation from now, or takes it back',
    })
    .input(
      z.object({ name: handsetName, inOperations: z.number().int().min(1).max(1e9).nullable() }),
    )
    .errors(handsetErrors)
    .output(handsetView),
  remove: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/handsets/{name}', summary: 'Throws the handset away' })
    .input(z.object({ name: handsetName }))
    .errors(handsetErrors)
    .output(z.void()),
}
