import { Fields } from '../model/fields'
import type { FlashTiming } from '../model/model'
import type { FlashGeometry } from './flash-port'

/** A maximum that a data sheet leaves out is taken to be so many times the typical figure. */
const ASSUMED_MAXIMUM = 4
/** An endurance that it leaves out is the usual one. */
const ASSUMED_ENDURANCE = 100_000

const BYTES_MAX = 0x100_0000
export const ENDURANCE_MAX = 100_000_000
const YEARS_MAX = 1000
const MICROSECONDS = 1000

/** A flash chip as its data sheet describes it; null: it does not say. */
export interface FlashPart {
  readonly name: string
  readonly what: string
  /** For each number of bytes that can be erased at once. */
  readonly erases: readonly {
    readonly bytes: number
    readonly milliseconds: number | null
    readonly millisecondsMax: number | null
  }[]
  /** For each so many bytes that are programmed. */
  readonly program: {
    readonly bytes: number
    readonly microseconds: number
    readonly microsecondsMax: number | null
  }
  readonly suspendMicroseconds: number | null
  /** Erases of a sector. */
  readonly endurance: number | null
  readonly retentionYears: number | null
  readonly source: string
}

/** Reads `resources/flash-parts.json`. Throws an Error that says which field of which part is wrong. */
export function readFlashParts(json: unknown): FlashPart[] {
  return new Fields({ parts: json }, 'flash parts').list('parts').map(readPart)
}

/**
 * The times of a part in a flash of this geometry. `assumed` names what the data sheet leaves out.
 * Undefined where the part cannot erase such sectors, or nobody knows how long that takes.
 */
export function timingOf(
  part: FlashPart,
  { sectorBytes }: FlashGeometry,
): { readonly timing: FlashTiming; readonly assumed: readonly (keyof FlashTiming)[] } | undefined {
  const erase = part.erases.find(({ bytes }) => bytes === sectorBytes)
  if (!erase || erase.milliseconds === null) return undefined
  const { program } = part
  const given = {
    eraseMillisecondsMax: erase.millisecondsMax,
    programMillisecondsMax: program.microsecondsMax && program.microsecondsMax / MICROSECONDS,
    endurance: part.endurance,
  }
  return timingFrom(given, {
    profile: part.name,
    eraseMilliseconds: erase.milliseconds,
    programBytes: program.bytes,
    programMilliseconds: program.microseconds / MICROSECONDS,
  })
}

type OpenTiming = 'eraseMillisecondsMax' | 'programMillisecondsMax' | 'endurance'

/** Completes what is known of a flash's timing; `assumed` names what had to be. */
export function timingFrom(
  given: Readonly<Record<OpenTiming, number | null>>,
  typical: Omit<FlashTiming, OpenTiming>,
): { readonly timing: FlashTiming; readonly assumed: readonly OpenTiming[] } {
  const assumed: Readonly<Record<OpenTiming, number>> = {
    eraseMillisecondsMax: ASSUMED_MAXIMUM * typical.eraseMilliseconds,
    programMillisecondsMax: ASSUMED_MAXIMUM * typical.programMilliseconds,
    endurance: ASSUMED_ENDURANCE,
  }
  const timing = {
    ...typical,
    eraseMillisecondsMax: given.eraseMillisecondsMax ?? assumed.eraseMillisecondsMax,
    programMillisecondsMax: given.programMillisecondsMax ?? assumed.programMillisecondsMax,
    endurance: given.endurance ?? assumed.endurance,
  }
  const names = ['eraseMillisecondsMax', 'programMillisecondsMax', 'endurance'] as const
  return { timing, assumed: names.filter(name => given[name] === null) }
}

function readPart(fields: Fields): FlashPart {
  const program = fields.object('program')
  const bytes = { min: 1, max: BYTES_MAX }
  return {
    name: fields.text('name'),
    what: fields.text('what'),
    erases: fields.list('erases').map(erase => ({
      bytes: erase.number('bytes', bytes),
      milliseconds: optionalDuration(erase, 'milliseconds'),
      millisecondsMax: optionalDuration(erase, 'millisecondsMax'),
    })),
    program: {
      bytes: program.number('bytes', bytes),
      microseconds: program.duration('microseconds'),
      microsecondsMax: optionalDuration(program, 'microsecondsMax'),
    },
    suspendMicroseconds: optionalDuration(fields, 'suspendMicroseconds'),
    endurance: optionalCount(fields, 'endurance', ENDURANCE_MAX),
    retentionYears: optionalCount(fields, 'retentionYears', YEARS_MAX),
    source: fields.text('source'),
  }
}

function optionalDuration(fields: Fields, name: string): number | null {
  return fields.optional(name, () => fields.duration(name))
}

function optionalCount(fields: Fields, name: string, max: number): number | null {
  return fields.optional(name, () => fields.number(name, { min: 1, max }))
}
