import type { Reporter, TestModule } from 'vitest/node'

/** Ends the output with the counts on a line of their own, for people and for machines. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state === 'pending') counts.skipped += 1
        else counts[state] += 1
      }
      // A file that fails to load has no tests to count.
      if (module.state() === 'failed' && tests.length === 0) counts.failed += 1
    }
    const { passed, failed, skipped } = counts
    process.once('exit', () =>
      console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`),
    )
  }
}
