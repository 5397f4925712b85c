import { onScopeDispose, ref, shallowReactive, shallowRef, watch, type Ref } from 'vue'
import { useConnection } from '../rpc/connection'
import { problemOf, type Problem } from '../rpc/problem'

/** Rows that are asked for at once. */
export const PAGE_ROWS = 100
/** Pages that are kept; those farthest from the view go first. */
const PAGES_KEPT = 24
/** Typing and changes in quick succession ask once. */
const PAUSE = 150

/** A list that only the server holds: the window knows its length and the rows near the view. */
export interface Pages<Row> {
  /** Null until the first answer. */
  readonly total: Readonly<Ref<number | null>>
  readonly problem: Readonly<Ref<Problem | null>>
  /** Rises when another question is shown: other rows, from the top. */
  readonly questions: Readonly<Ref<number>>
  rowAt(index: number): Row | undefined
  /** Says which rows are in view, both included. */
  see(first: number, last: number): void
}

interface PageSource<Row> {
  /** What is asked: another value, another list. Null: nothing. */
  readonly question: () => string | null
  readonly ask: (
    offset: number,
    limit: number,
  ) => Promise<{ readonly total: number; readonly rows: readonly Row[] }>
  /** When this changes, rows in view are asked for again; the old ones stay until then. */
  readonly changes: () => unknown
}

/**
 * Asks for the pages in view, one at a time: whoever scrolls past a hundred pages makes a request
 * or two, for what is in view when the last answer has come.
 */
export function usePages<Row>(source: PageSource<Row>): Pages<Row> {
  const connection = useConnection()
  const pages = shallowReactive(new Map<number, readonly Row[]>())
  const stale = new Set<number>()
  const total = ref<number | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const questions = ref(0)
  let seen = { first: 0, last: PAGE_ROWS - 1 }
  /** The question that is asked, and the one whose rows are shown. */
  let [asked, shown] = [0, -1]
  let changes = 0
  let isBusy = false
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function wanted(): number | undefined {
    if (shown !== asked) return 0
    const last = Math.min(seen.last, Math.max(0, (total.value ?? 1) - 1))
    const [from, to] = [Math.floor(seen.first / PAGE_ROWS), Math.floor(last / PAGE_ROWS)]
    for (let page = from; page <= to; page++) {
      if (!pages.has(page) || stale.has(page)) return page
    }
    return undefined
  }

  function take(page: number, rows: readonly Row[], isCurrent: boolean): void {
    pages.set(page, rows)
    if (isCurrent) stale.delete(page)
    else stale.add(page)
    const middle = (seen.first + seen.last) / 2 / PAGE_ROWS
    const byDistance = [...pages.keys()].toSorted(
      (a, b) => Math.abs(a - middle) - Math.abs(b - middle),
    )
    for (const far of byDistance.slice(PAGES_KEPT)) pages.delete(far)
  }

  function begin(question: number): void {
    if (shown === question) return
    pages.clear()
    stale.clear()
    shown = question
    questions.value += 1
  }

  /** Answers whether there may be more to ask at once. */
  async function ask(page: number): Promise<boolean> {
    const [question, change] = [asked, changes]
    try {
      const answer = await source.ask(page * PAGE_ROWS, PAGE_ROWS)
      if (question !== asked) return true
      begin(question)
      total.value = answer.total
      problem.value = null
      take(page, answer.rows, change === changes)
      return true
    } catch (error) {
      if (question !== asked) return true
      // Not again at once: the next look, change or connection asks anew.
      problem.value = problemOf(error)
      return false
    }
  }

  async function load(): Promise<void> {
    if (isBusy || isOver || !connection.isConnected || source.question() === null) return
    const page = wanted()
    if (page === undefined) return
    isBusy = true
    const mayGoOn = await ask(page)
    isBusy = false
    if (mayGoOn) void load()
  }

  function loadSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void load()
    }, PAUSE)
  }

  watch([source.question, () => connection.isConnected], () => {
    asked += 1
    loadSoon()
  })
  watch(source.changes, () => {
    changes += 1
    for (const page of pages.keys()) stale.add(page)
    loadSoon()
  })
  onScopeDispose(() => {
    isOver = true
    clearTimeout(timer)
  })
  void load()

  return {
    total,
    problem,
    questions,
    rowAt: index => pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS],
    see(first, last) {
      seen = { first, last }
      void load()
    },
  }
}
