import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type {
  EncodingChoice,
  Identity,
  RestoreView,
  SerialPortView,
} from '../../src-main/contract/restore'
import { useConnection } from '../rpc/connection'
import { problemOf, type Problem } from '../rpc/problem'

export type Inquiry =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly identity: Identity }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** How many restores the window is told of at first, and how many more at a time on demand. */
const LISTED = 50
const LISTED_MAX = 500

export const useRestore = defineStore('restore', () => {
  const connection = useConnection()
  /** Newest first. */
  const list = ref<RestoreView[]>([])
  const hasOlder = ref(false)
  /** Null until they were listed once. */
  const ports = ref<SerialPortView[] | null>(null)
  const portsProblem = ref<Problem | null>(null)
  const portsAsked = ref(false)
  /** What is known of a device, by its link. */
  const inquiries = ref<Readonly<Record<string, Inquiry>>>({})

  const running = computed(() => list.value.filter(restore => restore.stage !== 'ended'))

  function begin(restores: readonly RestoreView[]): void {
    list.value = restores.toSorted((a, b) => b.id - a.id)
    hasOlder.value = restores.length >= LISTED
  }

  /** Lists so many more of the older ones. */
  async function listOlder(): Promise<void> {
    const limit = Math.min(list.value.length + LISTED, LISTED_MAX)
    const listed = await connection.client().restore.list({ limit })
    const known = new Set(list.value.map(({ id }) => id))
    const older = listed.filter(({ id }) => !known.has(id))
    list.value = [...list.value, ...older].toSorted((a, b) => b.id - a.id)
    hasOlder.value = listed.length === limit && limit < LISTED_MAX
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

  function note(link: string, inquiry: Inquiry): void {
    inquiries.value = { ...inquiries.value, [link]: inquiry }
  }

  async function identify(link: string, encoding: EncodingChoice): Promise<void> {
    note(link, { kind: 'asking' })
    try {
      const identity = await connection.client().restore.identify({ link, encoding })
      note(link, { kind: 'answered', identity })
    } catch (error) {
      note(link, { kind: 'failed', problem: problemOf(error) })
    }
  }

  /** Takes what a device said of itself when it was asked for something else. */
  function know(link: string, identity: Identity): void {
    note(link, { kind: 'answered', identity })
  }

  function forget(link: string): void {
    if (!(link in inquiries.value)) return
    inquiries.value = Object.fromEntries(
      Object.entries(inquiries.value).filter(([known]) => known !== link),
    )
  }

  const restore = () => connection.client().restore

  return {
    list,
    hasOlder,
    running,
    ports,
    portsProblem,
    portsAsked,
    inquiries,
    begin,
    put,
    learn,
    listOlder,
    refreshPorts,
    identify,
    know,
    forget,
    plan: (input: WorkbenchInputs['restore']['plan']) => restore().plan(input),
    start: (input: WorkbenchInputs['restore']['start']) => restore().start(input),
    cancel: (id: number) => restore().cancel({ id }),
    log: (id: number) => restore().log({ id }),
  }
})
