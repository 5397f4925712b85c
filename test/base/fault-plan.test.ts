import { describe, expect, test } from 'vitest'
import { FaultPlan, formatFault, parseFault } from '../../src-main/base/fault-plan'

describe('a fault on one line', () => {
  test('is read and written', () => {
    const fault = { point: 'flash', kind: 'power-cut', at: 117 }
    expect(parseFault('flash:power-cut@117')).toEqual(fault)
    expect(formatFault(fault)).toBe('flash:power-cut@117')
  })

  test('carries numbers by name, written in the order of the names', () => {
    const fault = { point: 'flash', kind: 'disturb', at: 12, parameters: { seed: 7, bits: 4 } }
    expect(parseFault('flash:disturb@12,seed=7,bits=4')).toEqual(fault)
    expect(formatFault(fault)).toBe('flash:disturb@12,bits=4,seed=7')
    expect(parseFault(formatFault(fault))).toEqual(fault)
    expect(parseFault('a:b@1,n=0,m=9999999999').parameters).toEqual({ n: 0, m: 9_999_999_999 })
  })

  test.each([
    'bits',
    'bits=',
    'bits=-1',
    'bits=04',
    'bits=1.5',
    '=4',
    'Bits=4',
    ' bits=4',
    'bits=12345678901',
  ])('a parameter "%s" is refused with an example', text => {
    const message = `"${text}" is no parameter of a fault: write NAME=NUMBER, such as seed=7.`
    expect(() => parseFault(`flash:disturb@12,${text}`)).toThrow(message)
  })

  test.each(['a=1,a=2', 'a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1'])('%s are too many', list => {
    expect(() => parseFault(`flash:disturb@12,${list}`)).toThrow('each parameter once')
  })

  test.each([
    '',
    'flash',
    'flash:cut',
    'flash:cut@0',
    'flash:cut@-1',
    'Flash:cut@1',
    'a:b@1 ',
    'a:b@1,',
    'a:b@1,,c=1',
  ])('"%s" is refused with an example', text => {
    const message = `"${text}" is no fault: write POINT:KIND@NUMBER, such as flash:power-cut@117.`
    expect(() => parseFault(text)).toThrow(message)
  })
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

  test('keeps a fault for the next time where it does not fit what passes', () => {
    const plan = new FaultPlan([cut])
    const pass = (fits: boolean) => plan.pass('flash', () => fits)
    expect([pass(true), pass(false), pass(false), pass(true)]).toEqual([
      undefined,
      undefined,
      undefined,
      cut,
    ])
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
