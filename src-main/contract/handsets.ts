import * as z from 'zod'
import { FLASH_READ_BYTES_MAX, METADATA_ROOT_BYTES_MAX, TYPED_BYTES_MAX } from './constants'
import { call, errorCodes, handsetName, instant, queryNumber } from './procedure'

const address = z.number().int().nonnegative()
const count = z.number().int().nonnegative()

export const flashRegion = z.object({ name: z.string(), address, bytes: count })
export type FlashRegion = z.infer<typeof flashRegion>

/** The states of a handset that exist so far (spec 2.0.4 names all). */
export const handsetState = z.enum([
  'off',
  /** The CPU executes the software, which has not yet said that it is sound. */
  'starting',
  'normal',
  /** The software runs and says that its own self-test failed. */
  'self-test-failed',
  /** The transfer state: tasks give up RAM, the area is locked, the file is asked for and comes. */
  'limiting',
  'secured',
  'requesting',
  'receiving',
  'stored',
  /** Protected code writes the executable region, or judges what it wrote. */
  'rewriting',
  'judging',
  /** Restore mode that can also finish a cut-off rewrite with the very same file (decision 0003). */
  'needs-file',
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
  /** A rewrite was cut off; the journal knows which file finishes it. */
  'needs-file',
  /** What was rewritten is not what was announced, or did not pass its self-test. */
  'judgement-failed',
  /** Three times in a row the software did not feed the watchdog. */
  'watchdog',
  /** The model has no CPU: its software is never executed. */
  'no-cpu',
])
export type RestoreReason = z.infer<typeof restoreReason>

/** What software did that hardware does not allow. It ends in the software's fault handler. */
export const cpuFaultView = z.object({
  kind: z.enum([
    'undefined-instruction',
    'bad-address',
    'misaligned',
    'flash-store',
    'hidden-flash',
    'busy-flash',
    'locked-ram',
    'breakpoint',
    'lockup',
  ]),
  at: instant,
  /** Addresses as the CPU sees them: of the instruction, and of what it touched. */
  pc: address,
  address: address.nullable(),
})
export type CpuFaultView = z.infer<typeof cpuFaultView>

/** How an update over the radio can end (spec 2.0.2). */
export const updateOutcome = z.enum([
  /** The server has none. */
  'no-update',
  'updated',
  'ram-insufficient',
  'link-lost',
  /** The vendor's metadata does not vouch for it. */
  'metadata-refused',
  'file-refused',
  'rewrite-failed',
  'judgement-failed',
  'cancelled',
])
export type UpdateOutcome = z.infer<typeof updateOutcome>

/** An update over the radio, from the inquiry on; the handset's state says where it stands. */
export const handsetUpdate = z.object({
  startedAt: instant,
  /** Null while it goes on. */
  endedAt: instant.nullable(),
  kind: z.enum(['differential', 'full']).nullable(),
  target: z.object({ name: z.string(), version: z.string() }).nullable(),
  fileBytes: count.nullable(),
  /** RAM that is secured for the file and the work with it. */
  ramBytes: count.nullable(),
  /** Of the file while it is received, of the region while it is rewritten. */
  doneBytes: count,
  totalBytes: count,
  bytesPerSecond: z.number().nonnegative(),
  secondsLeft: z.number().nonnegative().nullable(),
  outcome: updateOutcome.nullable(),
  /** Why, in words; null where there is nothing to say. */
  message: z.string().nullable(),
})
export type HandsetUpdate = z.infer<typeof handsetUpdate>

/** Whom a handset believes that was provisioned with a vendor's root. */
export const handsetTrust = z.object({
  vendorName: z.string(),
  rootVersion: count,
  /** When what the vendor signed ends, unless the vendor signs anew. */
  metadataExpiresAt: instant,
  /** When it last held the newest metadata, by its own clock; null: never. */
  checkedAt: instant.nullable(),
})

export const ramTaskView = z.object({
  name: z.string(),
  address,
  bytes: count,
  /** Null: exempt, it is never limited. */
  limitRank: z.number().int().nullable(),
  limited: z.boolean(),
})

/** The keys of the phone. `key-held` restore mode is `select` held while the power comes. */
export const handsetKey = z.enum([
  ...(['up', 'down', 'left', 'right', 'select', 'back', 'call', 'end'] as const),
  ...(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'star', 'hash'] as const),
])
export type HandsetKey = z.infer<typeof handsetKey>

export const handsetView = z.object({
  name: handsetName,
  model: z.string(),
  terminalId: z.string(),
  /** The LINK under which the restore service reaches it. */
  link: z.string(),
  state: handsetState,
  reason: restoreReason.nullable(),
  /** With `region-invalid`: what is wrong with the software, in words; else null. */
  flaw: z.string().nullable(),
  /** What the descriptor in the executable region says; null where there is none. */
  software: z.object({ name: z.string(), version: z.string(), bytes: count }).nullable(),
  /** Since the power came. */
  watchdogResets: count,
  /** Number of the self-test that failed last; null where none did. */
  failedSelfTest: count.nullable(),
  /** The newest since the power came. */
  fault: cpuFaultView.nullable(),
  flash: z.object({
    bytes: count,
    sectorBytes: count,
    regions: z.array(flashRegion),
    /** One character a sector: `.` erased, `#` programmed. */
    sectors: z.string(),
    operations: count,
    erases: count,
    programs: count,
    /** Cells that may read otherwise after the next power-up. */
    weakCells: count,
  }),
  ram: z.object({
    address,
    bytes: count,
    tasks: z.array(ramTaskView),
    /** The area that is secured and locked; null where none is. */
    secured: z.object({ address, bytes: count }).nullable(),
    /** The page in which boot code and software meet; null on models without one. */
    handover: z.object({ address, bytes: count }).nullable(),
  }),
  /** Null: the model has none. The revision grows with every change of the picture. */
  display: z.object({ width: count, height: count, on: z.boolean(), revision: count }).nullable(),
  /** The newest update over the radio; null before the first. */
  update: handsetUpdate.nullable(),
  /** Null: updates are proved by what the carrier announces alone, no vendor's signature is verified. */
  trust: handsetTrust.nullable(),
  keys: z.array(handsetKey),
  /** Switches: a radio cell is in reach; the cable is in. */
  radio: z.boolean(),
  cable: z.boolean(),
  /** Somebody holds the other end of the line. */
  lineTaken: z.boolean(),
  /** The flash operation at which the power will be cut; null where none is planned. */
  cutAt: z.number().int().nullable(),
  /** Lines of the faults that are still to come. */
  faults: z.array(z.string()),
})
export type HandsetView = z.infer<typeof handsetView>

export const firmwareView = z.object({
  /** Under which `create` takes it. */
  version: z.string(),
  model: z.string(),
  name: z.string(),
  bytes: count,
  sha256: z.string(),
  /** What it is for, in one line of English. */
  note: z.string(),
})
export type FirmwareView = z.infer<typeof firmwareView>

export const handsetErrors = errorCodes({
  HANDSET_UNKNOWN: [404, 'No such handset.'],
  HANDSET_EXISTS: [409, 'A handset of that name exists.'],
  HANDSET_OFF: [409, 'The handset is switched off.'],
  SOFTWARE_NOT_RUNNING: [409, 'The software of the handset does not run.'],
  MODEL_UNKNOWN: [404, 'No such handset model.'],
  SOFTWARE_UNKNOWN: [404, 'No such built-in software.'],
  BAD_ADDRESS: [422, 'The address lies outside the memory.'],
  BAD_FAULT: [422, 'No such fault.'],
  LINK_BUSY: [409, 'Somebody else holds the line.'],
  LINK_LOST: [409, 'The cable is out.'],
  RAM_INSUFFICIENT: [409, 'The RAM area cannot be secured.'],
  RAM_SECURED: [409, 'A RAM area is secured already.'],
  RADIO_OFF: [409, 'No radio cell is in reach.'],
  UPDATE_RUNNING: [409, 'An update goes on.'],
  ROOT_UNFIT: [422, 'This is no root metadata of a vendor.'],
})

const named = z.object({ name: handsetName })
const memoryPiece = z.object({
  name: handsetName,
  address: queryNumber(address),
  length: queryNumber(z.number().int().min(1).max(FLASH_READ_BYTES_MAX)),
})
const memoryBytes = z.object({ hex: z.string(), sha256: z.string() })

const query = (path: `/${string}`, summary: string) =>
  call.route({ method: 'GET', path: `/handsets${path}`, summary }).errors(handsetErrors)
const command = (path: `/${string}`, summary: string) =>
  call
    .meta({ action: true })
    .route({ method: 'POST', path: `/handsets/{name}${path}`, summary })
    .errors(handsetErrors)

export const handsets = {
  // Queries
  list: call
    .route({ method: 'GET', path: '/handsets', summary: 'Virtual handsets of this workbench' })
    .output(z.array(handsetView)),
  models: query('/models', 'Names of the device models').output(z.array(z.string())),
  firmware: query('/firmware', 'Built-in software').output(z.array(firmwareView)),
  flash: query('/{name}/flash', 'Bytes of the flash').input(memoryPiece).output(memoryBytes),
  ram: query('/{name}/ram', 'Bytes of the RAM, from address 0 of the RAM on')
    .input(memoryPiece)
    .output(memoryBytes),
  flashHealth: query('/{name}/flash-health', 'Wear and weak cells, a number for each sector')
    .input(named)
    .output(z.object({ erases: z.array(count), weakCells: z.array(count) })),
  ramActivity: query('/{name}/ram-activity', 'Stores so far, a wrapping count for each block')
    .input(named)
    .output(z.object({ blockBytes: count, stores: z.array(count) })),
  execution: query('/{name}/execution', 'What of the software was executed or read')
    .input(named)
    .output(
      z.object({
        /** From the start of the executable region, to the end of the software. */
        cellBytes: count,
        /** One character a cell: `.` untouched, `x` executed, `r` read as data, `b` both. */
        cells: z.string(),
        executedBytes: count,
        readBytes: count,
        softwareBytes: count,
      }),
    ),
  clearExecution: call
    .route({
      method: 'DELETE',
      path: '/handsets/{name}/execution',
      summary: 'Forgets what was executed, so that only what comes now is shown',
    })
    .input(named)
    .errors(handsetErrors)
    .output(z.void()),
  screen: query('/{name}/screen', 'The picture of the display')
    .input(named)
    .output(
      z.object({
        width: count,
        height: count,
        on: z.boolean(),
        revision: count,
        /** RGB565, big-endian, row by row, as base64. */
        pixels: z.string(),
      }),
    ),
  output: query('/{name}/output', 'What the handset sent on its line, as base64')
    .input(z.object({ name: handsetName, from: queryNumber(count).default(0) }))
    .output(
      /** `from` is the first byte that is given; older ones than the last 64 KiB are gone. */
      z.object({ from: count, next: count, bytes: z.string() }),
    ),
  states: query('/{name}/states', 'Changes of state, oldest first; the last thousand')
    .input(named)
    .output(z.array(z.object({ at: instant, from: handsetState, to: handsetState }))),
  // Commands
  create: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/handsets', summary: 'Makes a virtual handset' })
    .input(
      z.object({
        name: handsetName,
        model: z.string().max(64).default('k1'),
        bricked: z.boolean().default(true),
        /** Version of built-in software; null: none. Left out: the first one of the model. */
        software: z.string().max(64).nullable().optional(),
        seed: z.number().int().min(0).max(0xffff_ffff).default(1),
      }),
    )
    .errors(handsetErrors)
    .output(handsetView),
  provision: command('/root', "Has a handset believe a vendor's TUF root alone from now on")
    .input(z.object({ name: handsetName, root: z.string().min(2).max(METADATA_ROOT_BYTES_MAX) }))
    .output(handsetView),
  power: command('/power', 'Switches power on or off')
    .input(z.object({ name: handsetName, on: z.boolean() }))
    .output(handsetView),
  cutPower: command(
    '/cut-power',
    'Cuts the power now (0), at the n-th flash operation from now, or takes the plan back (null)',
  )
    .input(z.object({ name: handsetName, inOperations: count.max(1e9).nullable() }))
    .output(handsetView),
  plantFault: command('/faults', 'Plans a fault, such as flash:torn-erase@12 counted from now')
    .input(z.object({ name: handsetName, fault: z.string().max(256) }))
    .output(handsetView),
  clearFaults: call
    .meta({ action: true })
    .route({
      method: 'DELETE',
      path: '/handsets/{name}/faults',
      summary: 'Takes planned faults back',
    })
    .input(named)
    .errors(handsetErrors)
    .output(handsetView),
  key: command('/keys', 'Presses or releases a key')
    .input(z.object({ name: handsetName, key: handsetKey, pressed: z.boolean() }))
    .output(handsetView),
  radio: command('/radio', 'Puts a radio cell in reach, or out of it')
    .input(z.object({ name: handsetName, on: z.boolean() }))
    .output(handsetView),
  cable: command('/cable', 'Puts the cable in, or takes it out')
    .input(z.object({ name: handsetName, on: z.boolean() }))
    .output(handsetView),
  type: command('/type', 'Sends bytes to the handset over its line, as base64')
    .input(z.object({ name: handsetName, bytes: z.base64().max((TYPED_BYTES_MAX / 3) * 4 + 4) }))
    .output(z.void()),
  secureRam: command('/secured-ram', 'Limits tasks in their order until an area is free; locks it')
    .input(z.object({ name: handsetName, bytes: z.number().int().min(1).max(0x1000_0000) }))
    .output(handsetView),
  releaseRam: call
    .meta({ action: true })
    .route({
      method: 'DELETE',
      path: '/handsets/{name}/secured-ram',
      summary: 'Gives the area back; the limited tasks run again',
    })
    .input(named)
    .errors(handsetErrors)
    .output(handsetView),
  update: command(
    '/update',
    'Asks the carrier for an update and, where there is one, gets it; answers at once',
  )
    .input(named)
    .output(handsetView),
  cancelUpdate: command('/update/cancel', 'Ends an update that has not begun to rewrite')
    .input(named)
    .output(handsetView),
  remove: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/handsets/{name}', summary: 'Throws the handset away' })
    .input(named)
    .errors(handsetErrors)
    .output(z.void()),
}
