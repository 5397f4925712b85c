import { describe, expect, test } from 'vitest'
import { FaultPlan, formatFault, parseFault } from '../../src-main/base/fault-plan'

describe('a fault on one line', () => {
  test('is read and written', () => {
    const fault = { point: 'flash', kind: 'power-cut', at: 117 }
    expect(parseFault('flash:power-cut@117')).toEqual(fault)
    expect(formatFault(fault)).toBe('flash:power-cut@117')
  })

  test.each(['', 'flash', 'flash:cut', 'flash:cut@0', 'flash:cut@-1', 'Flash:cut@1', 'a:b@1 '])(
    '"%s" is refused with an example',
    text => {
      const message = `"${text}" is no fault: write POINT:KIND@NUMBER, such as flash:power-cut@117.`
      expect(() => parseFault(text)).toThrow(message)
    },
  )
})

describe('a plan', () => {
  const cut = { point: 'flash', kind: 'power-cut', at: 2 }

  test('strikes once, at the n-th passing of its point', () => {
    const plan = new FaultPlan([cut])
    const struck = [plan.pass('flash'), plan.pass('link'), plan.pass('flash'), plan.pass('flash')]
    expect(struck).toEqual([undefined, undefined, cut, undefined])
    expect(plan.passed('flash')).toBe(3)
    expect(plan.pending()).toEqual([])
  })

  test('takes faults while it runs, and takes back those of one point', () => {
    const plan = new FaultPlan()
    const late = { point: 'link', kind: 'drop', at: 1 }
    plan.add(cut)
    plan.add(late)
    plan.clear('flash')
    expect(plan.pending()).toEqual([late])
    expect(plan.pass('link')).toBe(late)
  })
})
