import { expect, test } from 'vitest'
import { concatBytes } from '../../../src-main/base/bytes'
import { encodePacket } from '../../../src-main/wire/smp/packet'
import { describe, NOTEBOOKS, packetsIn, readNotebook } from './notebook'

const speeches = NOTEBOOKS.flatMap(({ file, encoding }) =>
  readNotebook(file).flatMap(({ name, steps }) =>
    steps.flatMap(step => (step.from === 'nobody' ? [] : [{ file, encoding, name, ...step }])),
  ),
)
const sound = speeches.filter(({ says }) => !says.startsWith('('))

test('the bytes of the traces mean what stands beside them', () => {
  const wrong = sound.filter(({ says, reads, encoding }) => {
    return describe(packetsIn(concatBytes(reads), encoding)) !== says
  })
  expect(wrong.map(({ file, name, says }) => `${file}: ${name}: ${says}`)).toEqual([])
  expect(sound.length).toBeGreaterThan(400)
})

test.each([
  ['host.trace', 'a smaller first chunk', 4],
  ['host-raw.trace', 'packets as they are', 0],
])(
  'in %s, no host sends a packet that a buffer of 128 bytes has no room for',
  (inFile, trace, frameBytes) => {
    const lengths = sound
      .filter(({ file, name, from }) => file === inFile && name === trace && from === 'host')
      .flatMap(({ reads, encoding }) => packetsIn(concatBytes(reads), encoding))
      .map(packet => encodePacket(packet).length + frameBytes)
    expect(Math.max(...lengths)).toBeGreaterThan(115)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(128)
  },
)
