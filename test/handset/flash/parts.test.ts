import { describe, expect, test } from 'vitest'
import flashParts from '../../../resources/flash-parts.json'
import { durationOf } from '../../../src-main/handset/flash/durations'
import { readFlashParts, timingOf } from '../../../src-main/handset/flash/parts'

const parts = readFlashParts(flashParts)
const partNamed = (name: string) => parts.find(part => part.name === name)!
const MIB = 1024 * 1024

test('the parts are those that handsets are made with', () => {
  expect(parts.map(({ name }) => name)).toEqual([
    'StrataFlash-M18',
    'StrataFlash-L18',
    'M29W400D',
    'S29GL-S',
    'SST38VF640xB',
    'W25Q16BV',
  ])
  for (const { source } of parts) expect(source.length).toBeGreaterThan(10)
})

test('a data sheet that says all is taken as it is', () => {
  const geometry = { bytes: MIB, sectorBytes: 65_536, pageBytes: 256 }
  expect(timingOf(partNamed('M29W400D'), geometry)).toEqual({
    timing: {
      profile: 'M29W400D',
      eraseMilliseconds: 800,
      eraseMillisecondsMax: 6000,
      programBytes: 2,
      programMilliseconds: 0.01,
      programMillisecondsMax: 0.2,
      endurance: 100_000,
    },
    assumed: [],
  })
})

test('a maximum that is missing is four times the typical figure, and is said to be assumed', () => {
  const geometry = { bytes: 16 * MIB, sectorBytes: 262_144, pageBytes: 512 }
  expect(timingOf(partNamed('StrataFlash-M18'), geometry)).toMatchObject({
    timing: { eraseMilliseconds: 900, eraseMillisecondsMax: 3600, programMillisecondsMax: 0.008 },
    assumed: ['eraseMillisecondsMax', 'programMillisecondsMax'],
  })
  const missing = timingOf(partNamed('S29GL-S'), { ...geometry, sectorBytes: 131_072 })
  expect(missing?.timing.endurance).toBe(100_000)
  expect(missing?.assumed).toContain('endurance')
})

test('16 MiB on an M18 take 74 seconds to rewrite, most of it in erases', () => {
  const geometry = { bytes: 16 * MIB, sectorBytes: 262_144, pageBytes: 512 }
  const { timing } = timingOf(partNamed('StrataFlash-M18'), geometry)!
  const erases = 64 * durationOf(timing, { kind: 'erase', bytes: 0, wear: 0 })
  const page = durationOf(timing, { kind: 'program', bytes: 512, wear: 0 })
  const programs = ((16 * MIB) / 512) * page
  expect(erases).toBe(57_600)
  expect(Math.round(programs)).toBe(16_777)
  expect(Math.round((100 * erases) / (erases + programs))).toBe(77)
})

describe('a part has no timing', () => {
  test('for sectors that it does not erase at once', () => {
    const geometry = { bytes: MIB, sectorBytes: 8192, pageBytes: 256 }
    expect(timingOf(partNamed('W25Q16BV'), geometry)).toBeUndefined()
  })

  test('where nobody knows how long an erase takes', () => {
    const geometry = { bytes: MIB, sectorBytes: 131_072, pageBytes: 256 }
    expect(timingOf(partNamed('StrataFlash-L18'), geometry)).toBeUndefined()
  })
})

test.each<[string, unknown, string]>([
  ['no list', {}, 'flash parts: parts must be a list'],
  ['no name', [{ ...flashParts[0], name: 1 }], 'flash parts, parts 1: name must be text'],
  [
    'a time that runs backwards',
    [{ ...flashParts[0], program: { bytes: 2, microseconds: -1 } }],
    'parts 1, program: microseconds must be',
  ],
  [
    'an erase of nothing',
    [{ ...flashParts[0], erases: [{ bytes: 0 }] }],
    'parts 1, erases 1: bytes must be',
  ],
])('%s is refused with the field that is wrong', (_what, json, message) => {
  expect(() => readFlashParts(json)).toThrow(message)
})
