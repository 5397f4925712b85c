import type { CpuFaultKind } from './cpu-port'

/**
 * Thrown through the core to abandon the instruction that it executes. One object serves a CPU for
 * its life: software that faults again and again must not make the host collect stacks.
 */
export class CpuTrap extends Error {
  kind: CpuFaultKind = 'bad-address'
  /** What was touched. */
  address: number | undefined

  constructor() {
    super('The CPU met a fault.')
    this.name = 'CpuTrap'
  }
}
