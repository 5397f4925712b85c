import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sleep } from '../../src-main/base/clock'
import { VirtualClock } from '../../src-main/observe/virtual-clock'

test('timers fire by time, then in the order in which they were set, each at its own time', async () => {
  const clock = new VirtualClock(1000)
  const fired: string[] = []
  const note = (name: string) => () => void fired.push(`${name}@${clock.now()}`)
  clock.after(20, note('c'))
  clock.after(10, note('a'))
  clock.after(20, note('d'))
  clock.after(10, note('b'))
  clock.after(30, note('late'))
  await clock.advance(25)
  expect(fired).toEqual(['a@1010', 'b@1010', 'c@1020', 'd@1020'])
  expect(clock.now()).toBe(1025)
})

test('time stands still for as long as nobody moves it', async () => {
  const clock = new VirtualClock()
  let fired = false
  clock.after(0, () => void (fired = true))
  await new Promise(done => setTimeout(done, 20))
  expect(fired).toBe(false)
  expect(new Date(clock.now()).toISOString()).toBe('2026-01-05T00:00:00.000Z')
})

test('a cancelled timer never fires, whichever it is of several at one time', async () => {
  const clock = new VirtualClock(0)
  const fired: number[] = []
  const cancels = [0, 1, 2, 3].map(index => clock.after(5, () => void fired.push(index)))
  cancels[2]?.()
  cancels[2]?.()
  clock.after(1, () => cancels[0]?.())
  await clock.advance(10)
  cancels[1]?.()
  expect(fired).toEqual([1, 3])
})

test('what a timer sets off on its way falls due within the same advance', async () => {
  const clock = new VirtualClock(0)
  const ticks: number[] = []
  const tick = () => {
    ticks.push(clock.now())
    clock.after(10, tick)
  }
  clock.after(10, tick)
  await clock.advance(35)
  expect(ticks).toEqual([10, 20, 30])
  await clock.advance(5)
  expect(ticks).toEqual([10, 20, 30, 40])
})

test('advances asked for at once follow one another', async () => {
  const clock = new VirtualClock(0)
  await Promise.all([clock.advance(10), clock.advance(10), clock.advance(0)])
  expect(clock.now()).toBe(20)
})

test('a timer that throws fails the advance and not those after it', async () => {
  const clock = new VirtualClock(0)
  clock.after(1, () => {
    throw new Error('a defect')
  })
  await expect(clock.advance(5)).rejects.toThrow('a defect')
  await clock.advance(5)
  expect(clock.now()).toBe(6)
})

test('time waits for work in flight, however long that takes', async () => {
  const clock = new VirtualClock(0)
  const events: string[] = []
  clock.after(5, () => void events.push(`timer@${clock.now()}`))
  const work = clock.during(
    new Promise<void>(done => setTimeout(done, 30)).then(
      () => void events.push(`work@${clock.now()}`),
    ),
  )
  await Promise.all([clock.advance(10), work])
  expect(events).toEqual(['work@0', 'timer@5'])
})

test('work that ends twice counts once, and work that fails ends too', async () => {
  const clock = new VirtualClock(0)
  const end = clock.busy()
  const other = clock.busy()
  end()
  end()
  let advanced = false
  const advance = clock.advance(1).then(() => (advanced = true))
  await new Promise(done => setTimeout(done, 20))
  expect(advanced).toBe(false)
  other()
  await advance
  await expect(clock.during(Promise.reject(new Error('lost')))).rejects.toThrow('lost')
  await clock.advance(1)
  expect(clock.now()).toBe(2)
})

test('runUntil goes from timer to timer and stops where the promise settles', async () => {
  const clock = new VirtualClock(0)
  const story = async () => {
    await sleep(clock, 1000)
    await sleep(clock, 86_400_000)
    return 'the end'
  }
  clock.after(1e12, () => {})
  expect(await clock.runUntil(story())).toBe('the end')
  expect(clock.now()).toBe(86_401_000)
})

test('runUntil passes on what the promise rejects with', async () => {
  const clock = new VirtualClock(0)
  const story = async () => {
    await sleep(clock, 10)
    throw new Error('refused')
  }
  await expect(clock.runUntil(story())).rejects.toThrow('refused')
})

test('a time-out does not fire while the answer is on its way through tasks and promises', async () => {
  const clock = new VirtualClock(0)
  // Each hop is a task of the event loop with promises before and after, as links in memory are.
  const answer = async () => {
    for (let hop = 0; hop < 5; hop++) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>(done => setImmediate(done))
      // oxlint-disable-next-line no-await-in-loop
      for (let step = 0; step < 50; step++) await Promise.resolve()
    }
    return 'answered'
  }
  const timeOut = new Promise<string>(done => void clock.after(1, () => done('timed out')))
  expect(await clock.runUntil(Promise.race([answer(), timeOut]))).toBe('answered')
  expect(clock.now()).toBe(0)
})

test('a promise that nothing can settle is a deadlock', async () => {
  const clock = new VirtualClock(0)
  clock.after(10, () => {})
  await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow(/Deadlock in virtual time/)
  expect(clock.now()).toBe(10)
})

test('several stories can be run at once, and each sees its own times', async () => {
  const clock = new VirtualClock(0)
  const walker = async (step: number) => {
    const seen: number[] = []
    for (let count = 0; count < 3; count++) {
      // oxlint-disable-next-line no-await-in-loop
      await sleep(clock, step)
      seen.push(clock.now())
    }
    return seen
  }
  const walks = [3, 5, 7].map(step => clock.runUntil(walker(step)))
  expect(await Promise.all(walks)).toEqual([
    [3, 6, 9],
    [5, 10, 15],
    [7, 14, 21],
  ])
})

test('any set of timers fires in the order of a stable sort by time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delay: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 30 }),
      async plans => {
        const clock = new VirtualClock(0)
        const fired: number[] = []
        plans.forEach(({ delay, cancelled }, index) => {
          const cancel = clock.after(delay, () => void fired.push(index))
          if (cancelled) cancel()
        })
        await clock.advance(20)
        const expected = plans
          .map((plan, index) => ({ ...plan, index }))
          .filter(plan => !plan.cancelled)
          .toSorted((a, b) => a.delay - b.delay)
        expect(fired).toEqual(expected.map(plan => plan.index))
      },
    ),
    { numRuns: 50, seed: 20_262 },
  )
})
