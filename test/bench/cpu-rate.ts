// Prints the instructions per second of one loop in one way, in a process of its own: what a
// process has run before changes how its engine has optimised rp2040js.
import { RP2040 } from 'rp2040js'
import { COMPUTE, MEMORY } from '../handset/cpu/busy-programs'
import { BOARD, CODE, STACK, SampleCpu, VECTORS, milliseconds } from '../handset/cpu/sample-cpu'

const INSTRUCTIONS = 20_000_000
const ROUNDS = 3

/** In the loop of rp2040js's own simulator. */
function bare(flash: Uint8Array): number {
  const chip = new RP2040()
  chip.flash.set(flash)
  const { core, clock } = chip
  core.VTOR = VECTORS
  core.SP = STACK
  core.PC = CODE
  if (!('tick' in clock) || typeof clock.tick !== 'function') throw new Error('It has no clock.')
  const nanosecondsPerCycle = 1e9 / BOARD.hertz
  const startedAt = performance.now()
  for (let count = 0; count < INSTRUCTIONS; count++) {
    if (core.waiting) throw new Error('It sleeps.')
    clock.tick(core.executeInstruction() * nanosecondsPerCycle)
  }
  return (1000 * INSTRUCTIONS) / (performance.now() - startedAt)
}

async function wrapped(cpu: SampleCpu): Promise<number> {
  cpu.start({ watchdogMilliseconds: 8000 })
  let executed = 0
  const startedAt = performance.now()
  while (executed < INSTRUCTIONS) {
    const outcome = await cpu.run({ nanoseconds: milliseconds(5) })
    if (outcome.stop) throw new Error('It stopped.')
    executed += outcome.instructions
  }
  return (1000 * executed) / (performance.now() - startedAt)
}

const [way, loop] = process.argv.slice(2)
const cpu = new SampleCpu(loop === 'compute' ? COMPUTE : MEMORY)
let best = 0
for (let round = 0; round < ROUNDS; round++) {
  const rate = way === 'bare' ? bare(cpu.memory.flash) : await wrapped(cpu)
  best = Math.max(best, rate)
}
process.stdout.write(String(best))
