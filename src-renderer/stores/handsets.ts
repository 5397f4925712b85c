import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { HandsetView } from '../../src-main/contract/handsets'
import { useConnection } from '../rpc/connection'

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

  return {
    list,
    begin,
    put,
    learn,
    drop,
    models: () => handsets().models(),
    create: (input: WorkbenchInputs['handsets']['create']) => handsets().create(input),
    power: (name: string, on: boolean) => handsets().power({ name, on }),
    cutPower: (name: string, inOperations: number | null) =>
      handsets().cutPower({ name, inOperations }),
    remove: (name: string) => handsets().remove({ name }),
  }
})

function byName(a: HandsetView, b: HandsetView): number {
  return a.name.localeCompare(b.name)
}
