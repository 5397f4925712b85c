import { describe, expect, test } from 'vitest'
import type { TraceEntry } from '../../src-main/contract/observe'
import { traceMermaid, traceSvg, traceText } from '../../src-renderer/views/trace/exports'
import { filterTrace, NO_FILTER } from '../../src-renderer/views/trace/filter'
import { arrowOf, fitText, ladderOf } from '../../src-renderer/views/trace/ladder'

const sent: TraceEntry = {
  sequence: 1,
  at: Date.UTC(2026, 10, 21, 3, 4, 5, 678),
  from: 'restore',
  to: 'handset',
  label: '0:R4',
  type: 'smp image upload',
  fields: { off: 512, match: true },
  bytes: 9,
  digest: 'ab12',
  outcome: 'sent',
}
const answered: TraceEntry = {
  ...sent,
  sequence: 2,
  from: 'handset',
  to: 'restore',
  label: '',
  type: 'answer <&"; #1',
  fields: {},
  bytes: 0,
  digest: null,
  outcome: 'answered',
}

describe('The filter of the trace', () => {
  test('finds words in any field, in any order and case', () => {
    const found = (text: string) =>
      filterTrace([sent, answered], { ...NO_FILTER, text }).map(({ sequence }) => sequence)
    expect(found('UPLOAD off=512')).toEqual([1])
    expect(found('restore handset')).toEqual([1, 2])
    expect(found('upload answer')).toEqual([])
  })

  test('tells messages without a step from messages of any step', () => {
    expect(filterTrace([sent, answered], { ...NO_FILTER, label: '' })).toEqual([answered])
    expect(filterTrace([sent, answered], NO_FILTER)).toEqual([sent, answered])
  })
})

describe('The sequence diagram', () => {
  const ladder = ladderOf(['restore', 'handset'], 600)

  test('gives every outcome a shape of its own', () => {
    const outcomes = ['sent', 'answered', 'refused', 'lost', 'failed'] as const
    const shapes = outcomes.map(outcome => arrowOf({ ...sent, outcome }, 0, ladder).head)
    expect(new Set(shapes).size).toBe(outcomes.length)
  })

  test('lets a lost message end on the way and draws a message to oneself as a loop', () => {
    const whole = arrowOf(sent, 0, ladder)
    const lost = arrowOf({ ...sent, outcome: 'lost' }, 0, ladder)
    expect(whole.shaft).toBe(`M70 20H${ladder.x('handset')}`)
    expect(Number(lost.shaft.split('H')[1])).toBeLessThan(ladder.x('handset'))
    expect(arrowOf({ ...sent, to: 'restore' }, 0, ladder).shaft).toBe('M70 14h26v6')
  })

  test('cuts a text to its room, Japanese letters counting double', () => {
    expect(fitText('image upload', 200)).toBe('image upload')
    expect(fitText('image upload', 40)).toBe('image…')
    expect(fitText('書き込み要求', 40)).toBe('書き…')
  })
})

describe('Exports', () => {
  test('text has one line a message with everything on it', () => {
    expect(traceText([sent, answered])).toBe(
      '#1 2026-11-21T03:04:05.678Z restore -> handset [0:R4] smp image upload ' +
        '{off=512, match=true} 9 bytes sha256=ab12 sent\n' +
        '#2 2026-11-21T03:04:05.678Z handset -> restore answer <&"; #1 0 bytes answered\n',
    )
  })

  test('Mermaid gets participants and no signs that would end a statement', () => {
    expect(traceMermaid([sent, answered])).toBe(
      [
        'sequenceDiagram',
        '  participant a0 as restore',
        '  participant a1 as handset',
        '  a0->>a1: 0:R4 smp image upload',
        '  a1-->>a0: answer <&"   1',
        '',
      ].join('\n'),
    )
  })

  test('SVG escapes what a device may have said', () => {
    const svg = traceSvg([{ ...answered, type: '<script>\u0000"' }])
    expect(svg).not.toContain('<script>')
    expect(svg).toContain('&lt;script&gt; &quot;')
  })
})
