import type { HandsetView } from '../../src-main/contract/handsets'

/** A handset whose restore was cut off, in small: eight sectors of flash, eight blocks of RAM. */
export const handset: HandsetView = {
  name: 'a',
  model: 'k1',
  terminalId: 'K1-0',
  link: 'virtual:a',
  state: 'restore-wait',
  reason: 'journal-open',
  flaw: null,
  software: { name: 'kintsugi-k1', version: '1.0.0', bytes: 1000 },
  watchdogResets: 0,
  failedSelfTest: null,
  fault: null,
  flash: {
    bytes: 4096,
    sectorBytes: 512,
    regions: [
      { name: 'protected', address: 0, bytes: 1024 },
      { name: 'executable', address: 1024, bytes: 2048 },
    ],
    sectors: '..#.....',
    operations: 0,
    erases: 0,
    programs: 0,
    weakCells: 0,
  },
  ram: {
    address: 0x2000_0000,
    bytes: 0x2000,
    tasks: [
      { name: 'kernel', address: 0x2000_0000, bytes: 0x800, limitRank: null, limited: false },
      { name: 'browser', address: 0x2000_0800, bytes: 0x800, limitRank: 2, limited: true },
      { name: 'cache', address: 0x2000_1000, bytes: 0x400, limitRank: 1, limited: true },
    ],
    secured: { address: 0x2000_1000, bytes: 0x400 },
    handover: { address: 0x2000_1c00, bytes: 0x400 },
  },
  display: null,
  update: null,
  trust: null,
  keys: [],
  radio: true,
  cable: true,
  lineTaken: false,
  cutAt: null,
  faults: [],
}
