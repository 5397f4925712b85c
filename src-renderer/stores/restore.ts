import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { Identity, RestoreView, SerialPortView } from '../../src-main/contract/restore'
import { useConnection } from '../rpc/connection'
import { problemOf, type Problem } from '../rpc/problem'

export type Inquiry =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly identity: Identity }
  | { readonly kind: 'failed'; readonly problem: Problem }

export const useRestore = defineStore('restore', () => {
  const connection = useConnection()
  /** Newest first. */
  const list = ref<RestoreView[]>([])
  /** Null until they were listed once. */
  const ports = ref<SerialPortView[] | null>(null)
  const portsProblem = ref<Problem | null>(null)
  const portsAsked = ref(false)
  /** What is known of a device, by its link. */
  const inquiries = ref<Readonly<Record<string, Inquiry>>>({})

  const running = computed(() => list.value.filter(restore => restore.stage !== 'ended'))

  function begin(restores: readonly RestoreView[]): void {
    list.value = restores.toSorted((a, b) => b.id - a.id)
  }

  function put(restore: RestoreView): void {
    const place = list.value.findIndex(known => known.id === restore.id)
    const hasJustEnded = restore.stage === 'ended' && list.value[place]?.stage !== 'ended'
    // What the device told before holds no longer.
    if (hasJustEnded) forget(restore.link)
    if (place === -1) list.value = [restore, ...list.value].toSorted((a, b) => b.id - a.id)
    else list.value = list.value.with(place, restore)
  }

  /** Takes what a call answered, unless an event was faster and knows more. */
  function learn(restore: RestoreView): void {
    if (!list.value.some(known => known.id === restore.id)) put(restore)
  }

  async function refreshPorts(): Promise<void> {
    portsAsked.value = true
    try {
      ports.value = await connection.client().restore.ports()
      portsProblem.value = null
    } catch (error) {
      portsProblem.value = problemOf(error)
    } finally {
      portsAsked.value = false
    }
  }

  async function identify(link: string): Promise<void> {
    const note = (inquiry: Inquiry) => {
      inquiries.value = { ...inquiries.value, [link]: inquiry }
    }
    note({ kind: 'asking' })
    try {
      const identity = await connection.client().restore.identify({ link })
      note({ kind: 'answered', identity })
    } catch (error) {
      note({ kind: 'failed', problem: problemOf(error) })
    }
  }

  function forget(link: string): void {
    inquiries.value = Object.fromEntries(
      Object.entries(inquiries.value).filter(([known]) => known !== link),
    )
  }

  const restore = () => connection.client().restore

  return {
    list,
    running,
    ports,
    portsProblem,
    portsAsked,
    inquiries,
    begin,
    put,
    learn,
    refreshPorts,
    identify,
    forget,
    start: (input: WorkbenchInputs['restore']['start']) => restore().start(input),
    cancel: (id: number) => restore().cancel({ id }),
    log: (id: number) => restore().log({ id }),
  }
})
