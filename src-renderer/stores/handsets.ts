import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { HandsetKey, HandsetView } from '../../src-main/contract/handsets'
import { useConnection } from '../rpc/connection'

/** Held while the power comes, it keeps a handset in restore mode. */
const RESTORE_KEY: HandsetKey = 'select'

/** Bytes of a memory, from an address on. */
export interface MemoryPiece {
  readonly name: string
  readonly address: number
  readonly length: number
}

export const useHandsets = defineStore('handsets', () => {
  const connection = useConnection()
  /** In the order of their names. */
  const list = ref<HandsetView[]>([])

  function begin(handsets: readonly HandsetView[]): void {
    list.value = handsets.toSorted(byName)
  }

  function put(handset: HandsetView): void {
    const others = list.value.filter(known => known.name !== handset.name)
    list.value = [...others, handset].toSorted(byName)
  }

  /** Takes what a call answered, unless an event was faster and knows more. */
  function learn(handset: HandsetView): void {
    if (!list.value.some(known => known.name === handset.name)) put(handset)
  }

  function drop(name: string): void {
    list.value = list.value.filter(handset => handset.name !== name)
  }

  const handsets = () => connection.client().handsets

  /** Its restore key is held while the power comes, and released afterwards. */
  async function powerIntoRestoreMode(name: string): Promise<void> {
    await handsets().key({ name, key: RESTORE_KEY, pressed: true })
    try {
      await handsets().power({ name, on: true })
    } finally {
      await handsets().key({ name, key: RESTORE_KEY, pressed: false })
    }
  }

  return {
    list,
    begin,
    put,
    learn,
    drop,
    models: () => handsets().models(),
    firmware: () => handsets().firmware(),
    flash: (piece: MemoryPiece) => handsets().flash(piece),
    ram: (piece: MemoryPiece) => handsets().ram(piece),
    flashHealth: (name: string) => handsets().flashHealth({ name }),
    ramActivity: (name: string) => handsets().ramActivity({ name }),
    execution: (name: string) => handsets().execution({ name }),
    clearExecution: (name: string) => handsets().clearExecution({ name }),
    screen: (name: string) => handsets().screen({ name }),
    output: (name: string, from: number) => handsets().output({ name, from }),
    states: (name: string) => handsets().states({ name }),
    create: (input: WorkbenchInputs['handsets']['create']) => handsets().create(input),
    power: (name: string, on: boolean) => handsets().power({ name, on }),
    powerIntoRestoreMode,
    cutPower: (name: string, inOperations: number | null) =>
      handsets().cutPower({ name, inOperations }),
    plantFault: (name: string, fault: string) => handsets().plantFault({ name, fault }),
    clearFaults: (name: string) => handsets().clearFaults({ name }),
    key: (name: string, key: HandsetKey, pressed: boolean) =>
      handsets().key({ name, key, pressed }),
    radio: (name: string, on: boolean) => handsets().radio({ name, on }),
    cable: (name: string, on: boolean) => handsets().cable({ name, on }),
    type: (name: string, bytes: string) => handsets().type({ name, bytes }),
    secureRam: (name: string, bytes: number) => handsets().secureRam({ name, bytes }),
    releaseRam: (name: string) => handsets().releaseRam({ name }),
    update: (name: string) => handsets().update({ name }),
    cancelUpdate: (name: string) => handsets().cancelUpdate({ name }),
    remove: (name: string) => handsets().remove({ name }),
  }
})

function byName(a: HandsetView, b: HandsetView): number {
  return a.name.localeCompare(b.name)
}
