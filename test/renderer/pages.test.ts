import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, ref, type EffectScope } from 'vue'
import { PAGE_ROWS, usePages, type Pages } from '../../src-renderer/composables/pages'
import { useConnection } from '../../src-renderer/rpc/connection'

interface Asked {
  readonly offset: number
  readonly question: string
  answer(total: number): void
  fail(code: string): void
}

const question = ref('all')
const changes = ref(0)
let asked: Asked[] = []
let pages: Pages<string>
let scope: EffectScope

/** Rows say which question and which place they are of. */
function ask(offset: number, limit: number) {
  const own = question.value
  return new Promise<{ total: number; rows: string[] }>((done, refuse) => {
    asked.push({
      offset,
      question: own,
      answer: total => {
        const count = Math.min(limit, Math.max(0, total - offset))
        done({ total, rows: Array.from({ length: count }, (_, row) => `${own} ${offset + row}`) })
      },
      fail: code => refuse({ code, message: code }),
    })
  })
}

async function answerNext(total: number): Promise<void> {
  await expect.poll(() => asked.length).toBeGreaterThan(0)
  asked.shift()?.answer(total)
  await vi.waitFor(() => expect(pages.total.value).toBe(total))
}

beforeEach(() => {
  setActivePinia(createPinia())
  useConnection().state = { kind: 'connected' }
  question.value = 'all'
  asked = []
  scope?.stop()
  scope = effectScope()
  pages = scope.run(() =>
    usePages({ question: () => question.value, ask, changes: () => changes.value }),
  )!
})

describe('A list by pages', () => {
  test('asks for the first page alone, whatever the length', async () => {
    expect(pages.total.value).toBeNull()
    await answerNext(100_000)
    expect(pages.rowAt(99)).toBe('all 99')
    expect(pages.rowAt(100)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('asks for what is in view when the last answer came, not for what was passed', async () => {
    await answerNext(100_000)
    pages.see(1000, 1040)
    for (let row = 2000; row < 90_000; row += 100) pages.see(row, row + 40)
    pages.see(99_900, 99_999)
    expect(asked.map(({ offset }) => offset)).toEqual([1000])
    asked.shift()?.answer(100_000)
    await expect.poll(() => asked.map(({ offset }) => offset)).toEqual([99_900])
  })

  test('keeps the old rows in view until the rows of a new question are there', async () => {
    await answerNext(1000)
    const before = pages.questions.value
    question.value = 'filtered'
    await expect.poll(() => asked.length).toBe(1)
    expect(pages.rowAt(0)).toBe('all 0')
    await answerNext(7)
    expect(pages.rowAt(0)).toBe('filtered 0')
    expect(pages.rowAt(PAGE_ROWS)).toBeUndefined()
    expect(pages.questions.value).toBe(before + 1)
  })

  test('does not take the answer to an old question for one to the new', async () => {
    await expect.poll(() => asked.length).toBe(1)
    question.value = 'newer'
    const [old] = asked.splice(0)
    // The change has been noticed when its pause is over, which the old answer does not cut short.
    await Promise.resolve()
    old?.answer(1000)
    await expect.poll(() => asked[0]?.question).toBe('newer')
    expect(pages.total.value).toBeNull()
  })

  test('asks again for the rows in view when some changed', async () => {
    await answerNext(1000)
    changes.value += 1
    await expect.poll(() => asked.map(({ offset }) => offset)).toEqual([0])
    expect(pages.rowAt(0)).toBe('all 0')
    await answerNext(1001)
  })

  test('says a failure, and asks again at the next look', async () => {
    await expect.poll(() => asked.length).toBe(1)
    asked.shift()?.fail('INTERNAL')
    await expect.poll(() => pages.problem.value?.code).toBe('INTERNAL')
    expect(asked).toEqual([])
    pages.see(0, 40)
    await answerNext(3)
    expect(pages.problem.value).toBeNull()
  })

  test('asks nothing more when nobody looks', async () => {
    await expect.poll(() => asked.length).toBe(1)
    scope.stop()
    asked.shift()?.answer(1000)
    pages.see(500, 540)
    changes.value += 1
    await new Promise<void>(done => setTimeout(done, 0))
    expect(asked).toEqual([])
  })
})
