import type { Component } from 'vue'
import type { CommandId } from '../src-main/contract/commands'
import type { IconName } from './components/icons'
import type { ConsoleId } from './navigation'
import type { TextKey } from './text/keys'
import CarrierConsole from './views/carrier/CarrierConsole.vue'
import HandsetConsole from './views/handset/HandsetConsole.vue'
import RestoreBench from './views/restore/RestoreBench.vue'
import TraceConsole from './views/trace/TraceConsole.vue'
import VendorConsole from './views/vendor/VendorConsole.vue'

export interface ConsoleEntry {
  readonly title: TextKey
  readonly icon: IconName
  readonly command: CommandId
  readonly view: Component
}

export const CONSOLES: Readonly<Record<ConsoleId, ConsoleEntry>> = {
  restore: {
    title: 'consoles.restore',
    icon: 'restore',
    command: 'go.restore',
    view: RestoreBench,
  },
  handset: {
    title: 'consoles.handset',
    icon: 'handset',
    command: 'go.handset',
    view: HandsetConsole,
  },
  vendor: {
    title: 'consoles.vendor',
    icon: 'vendor',
    command: 'go.vendor',
    view: VendorConsole,
  },
  carrier: {
    title: 'consoles.carrier',
    icon: 'carrier',
    command: 'go.carrier',
    view: CarrierConsole,
  },
  trace: { title: 'consoles.trace', icon: 'trace', command: 'go.trace', view: TraceConsole },
}
