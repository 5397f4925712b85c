import type { CpuFaultView, HandsetView } from '../contract/handsets'
import { formatFault, type Fault } from '../base/fault-plan'
import { describedSoftware } from '../wire/image/descriptor'
import { HANDOVER } from './cpu/firmware-interface'
import { FLASH_FAULT_POINT, flashFaultKind } from './flash/flash-faults'
import type { Handset } from './handset'
import { regionOf } from './model/model'
import type { NewestFault, Runtime } from './session/runtime'

export interface ShownAs {
  readonly name: string
  readonly link: string
  readonly runtime: Runtime
}

/** A handset as consoles and scripts see it. */
export function viewOfHandset(handset: Handset, { name, link, runtime }: ShownAs): HandsetView {
  const { model, board, flash } = handset
  const pending = flash.faults.pending()
  const cut = pending.find(fault => cutsPower(fault))
  return {
    name,
    model: model.name,
    terminalId: handset.terminalId,
    link,
    state: handset.state,
    reason: handset.reason,
    flaw: runtime.flaw,
    software: heldSoftware(handset),
    watchdogResets: runtime.watchdogResets,
    failedSelfTest: runtime.failedSelfTest,
    fault: runtime.fault ? faultView(runtime.fault) : null,
    flash: flashView(handset),
    ram: ramView(handset),
    display: model.display && {
      ...model.display,
      on: board.displayOn,
      revision: board.displayRevision,
    },
    update: handset.update,
    trust: handset.trust,
    keys: [...board.keys],
    radio: board.radio,
    cable: board.cable,
    lineTaken: handset.hasLine,
    cutAt: cut?.at ?? null,
    faults: pending.map(formatFault),
  }
}

/** What the descriptor says, read from outside: the handset may be off. */
export function heldSoftware({ model, flash }: Handset): HandsetView['software'] {
  const { address, bytes: length } = regionOf(model, 'executable')
  const described = describedSoftware({
    length,
    read: (at, bytes) => flash.peek(address + at, bytes),
  })
  return described
    ? { name: described.name, version: described.version, bytes: described.bytes }
    : null
}

function flashView({ model, flash }: Handset): HandsetView['flash'] {
  const { bytes, sectorBytes } = model.flash
  const { operations, erases, programs } = flash
  return {
    bytes,
    sectorBytes,
    regions: model.regions.map(region => ({ ...region })),
    sectors: flash
      .erasedSectors()
      .map(erased => (erased ? '.' : '#'))
      .join(''),
    operations,
    erases,
    programs,
    weakCells: flash.weakCellsTotal,
  }
}

function ramView({ model, ram }: Handset): HandsetView['ram'] {
  const { address, bytes, handoverAddress, tasks } = model.ram
  return {
    address,
    bytes,
    tasks: tasks.map((task, index) => ({ ...task, limited: ram.map.isLimited(index) })),
    secured: ram.locked ?? null,
    handover: handoverAddress === null ? null : { address: handoverAddress, bytes: HANDOVER.bytes },
  }
}

function cutsPower({ point, kind }: Fault): boolean {
  return point === FLASH_FAULT_POINT && flashFaultKind(kind)?.cutsPower === true
}

function faultView({ kind, at, pc, address }: NewestFault): CpuFaultView {
  return { kind, at, pc, address: address ?? null }
}
