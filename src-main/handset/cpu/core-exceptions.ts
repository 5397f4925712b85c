import type { RP2040 } from 'rp2040js'
import type { Bus } from './bus'

type Core = RP2040['core']

const THUMB = 1
const STATUS_THUMB = 1 << 24
const STATUS_EXCEPTION = 0x3f
const FRAME_STATUS = 0x1c
/** Low bits of what LR holds in a handler: where it returns to. */
const RETURNS_TO_HANDLER = 0x1
const RETURNS = [RETURNS_TO_HANDLER, 0x9, 0xd]
const RETURNS_TO_PROCESS_STACK = 0xd
const RETURN_PREFIX = 0x0fff_fff0
const PRIORITIES = 4
const LINK_REGISTER = 14

/**
 * Makes the core's exceptions and jumps as strict as the architecture (ARM DDI 0419, B1.5): an
 * address without its Thumb bit, a broken frame and a return to nowhere are traps, and WFI ends
 * where an interrupt is pending, whether or not PRIMASK lets it be taken.
 */
export function followArchitecture(core: Core, bus: Bus): void {
  const enter = core.exceptionEntry.bind(core)
  const leave = core.exceptionReturn.bind(core)
  const takeInterrupts = core.checkForInterrupts.bind(core)
  const jumpedTo = (address: number) => {
    core.PC = address & ~THUMB
    if ((address & THUMB) !== 0) return
    bus.isAtInstruction = true
    bus.trap('undefined-instruction', core.PC)
  }
  core.exceptionEntry = exception => {
    bus.isAtInstruction = true
    enter(exception)
    jumpedTo(core.PC)
    bus.isAtInstruction = false
  }
  core.exceptionReturn = to => {
    checkReturn(core, bus, to)
    leave(to)
    core.PC &= ~THUMB
  }
  core.BXWritePC = address => {
    const isReturn = core.IPSR !== 0 && address >>> 28 === 0xf
    if (isReturn) core.exceptionReturn(address & 0x0fff_ffff)
    else jumpedTo(address)
  }
  core.blTaken = (_core, isRegister) => {
    if (isRegister) jumpedTo(targetOf(core, bus))
  }
  core.checkForInterrupts = () => (core.waiting ? isWoken(core) : takeInterrupts())
}

/** Whether something is pending that ends WFI: PRIMASK does not count, the active priority does. */
export function isWoken(core: Core): boolean {
  if (core.pendingNMI) return true
  const active = Math.min(core.exceptionPriority(core.IPSR), PRIORITIES)
  if (core.pendingSystick && core.systickPriority < active) return true
  if (core.pendingPendSV && core.pendSVPriority < active) return true
  const interrupts = core.pendingInterrupts & core.enabledInterrupts
  return core.interruptPriorities.some((of, level) => level < active && (interrupts & of) !== 0)
}

function checkReturn(core: Core, bus: Bus, to: number): void {
  const kind = to & 0xf
  if ((to & RETURN_PREFIX) !== RETURN_PREFIX || !RETURNS.includes(kind)) {
    bus.trap('bad-address', (to | 0xf000_0000) >>> 0)
  }
  const frame = kind === RETURNS_TO_PROCESS_STACK ? core.SPprocess : core.SPmain
  const status = bus.readUint32(frame + FRAME_STATUS)
  const isHandler = (status & STATUS_EXCEPTION) !== 0
  const isWhole = (status & STATUS_THUMB) !== 0 && isHandler === (kind === RETURNS_TO_HANDLER)
  if (!isWhole) bus.trap('bad-address', frame)
}

/** Where BLX has just gone to, with the Thumb bit that the core has dropped. */
function targetOf(core: Core, bus: Bus): number {
  const address = ((core.LR & ~THUMB) >>> 0) - 2
  const register = (bus.codeAt(address) >> 3) & 0xf
  // BLX LR has overwritten what it jumped by.
  if (register === LINK_REGISTER) return core.PC | THUMB
  return core.registers[register] ?? 0
}
