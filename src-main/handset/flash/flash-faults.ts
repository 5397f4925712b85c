import { CodedError } from '../../base/coded-error'
import { formatFault, parseFault, type Fault } from '../../base/fault-plan'

/** The point of a fault plan that every operation of a flash passes. */
export const FLASH_FAULT_POINT = 'flash'

export interface FaultParameter {
  readonly name: string
  /** One line of English. */
  readonly what: string
  readonly min: number
  readonly max: number
  /** `drawn`: from the seed. */
  readonly default: number | 'drawn'
}

/** One way in which a flash breaks. */
export interface FlashFaultKind {
  readonly kind: string
  /** One line of English. */
  readonly what: string
  /** The operations it can strike; it waits for the next one of its sort. */
  readonly strikes: 'program' | 'erase' | 'any'
  readonly cutsPower: boolean
  /** Those that it knows besides `seed`, which every kind takes. */
  readonly parameters: readonly FaultParameter[]
}

const SEED: FaultParameter = {
  name: 'seed',
  what: 'decides everything that is left open',
  min: 0,
  max: 0xffff_ffff,
  default: 'drawn',
}

/** More than a sector or a page has is all of it. */
const COUNT_MAX = 0x100_0000
const NO_PARAMETERS: readonly FaultParameter[] = []

function shape(what: string, max: number): FaultParameter {
  return { name: 'shape', what, min: 0, max, default: 'drawn' }
}

function count(name: string, what: string): FaultParameter {
  return { name, what, min: 0, max: COUNT_MAX, default: 'drawn' }
}

/** Every fault that a flash can have: those that end with the power first. */
export const FLASH_FAULTS = [
  {
    kind: 'power-cut',
    what: 'the power fails before the operation begins',
    strikes: 'any',
    cutsPower: true,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'torn',
    what: 'the power fails in the middle of the operation: any torn state',
    strikes: 'any',
    cutsPower: true,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'torn-word',
    what: 'the power fails in a program: one word has some of its new bits, no other has any',
    strikes: 'program',
    cutsPower: true,
    parameters: [count('word', 'which word of the operation, from 0')],
  },
  {
    kind: 'torn-buffer',
    what: 'the power fails in a program: the first words are done, the next one is torn',
    strikes: 'program',
    cutsPower: true,
    parameters: [count('words', 'how many words are done')],
  },
  {
    kind: 'torn-buffer-any',
    what: 'the power fails in a program: words are done, torn or untouched in no order',
    strikes: 'program',
    cutsPower: true,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'torn-erase',
    what: 'the power fails in an erase: any torn state',
    strikes: 'erase',
    cutsPower: true,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'torn-erase-zeroing',
    what: 'the power fails in the first part of an erase, while all bits are brought to 0',
    strikes: 'erase',
    cutsPower: true,
    parameters: [
      shape('0: some bits anywhere, 1: zeros from the end, 2: zeros from the start', 2),
      count('bytes', 'how many are zeros, with shape 1 and 2'),
    ],
  },
  {
    kind: 'torn-erase-rising',
    what: 'the power fails in the second part of an erase, while all bits rise to 1',
    strikes: 'erase',
    cutsPower: true,
    parameters: [
      shape('0: zeros with ones anywhere, 1: ones from the start, 2: all but the last bytes', 2),
      count('bytes', 'how many are ones with shape 1, and are not (at most 64) with shape 2'),
    ],
  },
  {
    kind: 'weak',
    what: 'the power fails in the operation: reads as before or as done, and decays later',
    strikes: 'any',
    cutsPower: true,
    parameters: [
      {
        name: 'p',
        what: 'percentage of the weak bits that flip at each later power-up',
        min: 0,
        max: 100,
        default: 50,
      },
      { name: 'new', what: '0: reads as before, 1: as done', min: 0, max: 1, default: 'drawn' },
    ],
  },
  {
    kind: 'disturb',
    what: 'the power fails in a program, and programmed bits of the same sector flip to 1',
    strikes: 'program',
    cutsPower: true,
    parameters: [{ name: 'bits', what: 'how many flip', min: 0, max: 4, default: 4 }],
  },
  {
    kind: 'weak-erase',
    what: 'the power fails in an erase that reads as done; the next program there misses bits',
    strikes: 'erase',
    cutsPower: true,
    parameters: [
      {
        name: 'ppm',
        what: 'how many bits of a million stay unprogrammed',
        min: 1,
        max: 1_000_000,
        default: 1000,
      },
    ],
  },
  {
    kind: 'silent',
    what: 'nothing is done, and success is reported',
    strikes: 'any',
    cutsPower: false,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'error',
    what: 'the chip reports that the operation failed, and it is done in part',
    strikes: 'any',
    cutsPower: false,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'protected',
    what: 'the chip reports that the sector is protected, and nothing is done',
    strikes: 'any',
    cutsPower: false,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'timed-out',
    what: 'the operation takes longer than its maximum and is given up, done in part',
    strikes: 'any',
    cutsPower: false,
    parameters: NO_PARAMETERS,
  },
  {
    kind: 'flip',
    what: 'the operation is done, and one bit at rest in the same sector flips',
    strikes: 'any',
    cutsPower: false,
    parameters: [count('bit', 'which bit of the sector, from 0')],
  },
  {
    kind: 'worn',
    what: 'the sector has reached its endurance: slow now, and every later operation fails',
    strikes: 'any',
    cutsPower: false,
    parameters: NO_PARAMETERS,
  },
] as const satisfies readonly FlashFaultKind[]

export type FlashFaultName = (typeof FLASH_FAULTS)[number]['kind']

/** Undefined where a flash has no fault of this name. */
export function flashFaultKind(name: string): (typeof FLASH_FAULTS)[number] | undefined {
  return FLASH_FAULTS.find(({ kind }) => kind === name)
}

/** All that a kind takes, the seed included. */
export function parametersOf({ parameters }: FlashFaultKind): readonly FaultParameter[] {
  return [...parameters, SEED]
}

/** A fault of a flash on one line. Throws a CodedError `BAD_FAULT` that names what there is. */
export function parseFlashFault(line: string): Fault {
  const fault = parseFault(line)
  const kind = flashFaultKind(fault.kind)
  if (fault.point !== FLASH_FAULT_POINT || !kind) {
    const known = FLASH_FAULTS.map(each => `${FLASH_FAULT_POINT}:${each.kind}`).join(', ')
    throw bad(line, `A flash has no fault ${formatFault(fault)}. There are: ${known}.`)
  }
  const known = parametersOf(kind)
  for (const [name, number] of Object.entries(fault.parameters ?? {})) {
    const { min, max } = known.find(parameter => parameter.name === name) ?? {}
    if (min === undefined || max === undefined || number < min || number > max) {
      const takes = known.map(each => `${each.name} of ${each.min} to ${each.max}`).join(', ')
      throw bad(line, `A fault flash:${kind.kind} has no ${name}=${number}. It takes ${takes}.`)
    }
  }
  return fault
}

function bad(line: string, message: string): CodedError {
  return new CodedError('BAD_FAULT', message, { fault: line })
}
