import { describe, expect, test } from 'vitest'
import { FIRMWARE_PAIRS, made } from '../delta/pairs'
import { peer } from '../support/peers'
import { askTool, DELTA_TOOLS } from './delta-tools'

describe.each(FIRMWARE_PAIRS)('the differential file of $name', pair => {
  for (const tool of DELTA_TOOLS) {
    test.runIf(peer(tool.program))(`is smaller than that of ${tool.name}`, async () => {
      const bytes = askTool(tool, pair)?.bytes ?? 0
      expect((await made(pair.old, pair.fresh)).length).toBeLessThan(bytes)
    })
  }
})
