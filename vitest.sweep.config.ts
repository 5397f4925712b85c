import { defineConfig } from 'vitest/config'

const HALF_AN_HOUR_MS = 30 * 60 * 1000

/** Longer runs than the gate has time for: `npm run test:sweep`. */
export default defineConfig({
  test: {
    include: ['test/sweep/**/*.sweep.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: HALF_AN_HOUR_MS,
    hookTimeout: HALF_AN_HOUR_MS,
    maxWorkers: 1,
  },
})
