import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Mail } from '../../src-main/contract/mail'
import { useConnection } from '../rpc/connection'

/** More than this are dropped from the window, oldest first; the mailbox may hold more. */
const WINDOW_MAILS_MAX = 2000
const PAGE_MAILS = 100

/** The mailbox of the embedded mail server. */
export const useMail = defineStore('mail', () => {
  const connection = useConnection()
  /** Newest first. */
  const list = ref<Mail[]>([])
  const mayHaveOlder = ref(false)

  function begin(newest: readonly Mail[]): void {
    list.value = newest.toSorted((a, b) => b.id - a.id)
    mayHaveOlder.value = newest.length >= PAGE_MAILS
  }

  function put(mail: Mail): void {
    if (list.value.some(({ id }) => id === mail.id)) return
    list.value = [mail, ...list.value].slice(0, WINDOW_MAILS_MAX)
  }

  function empty(): void {
    list.value = []
    mayHaveOlder.value = false
  }

  const calls = () => connection.client().mail

  async function loadOlder(): Promise<void> {
    const before = list.value.at(-1)?.id
    if (before === undefined) return
    const older = await calls().list({ before, limit: PAGE_MAILS })
    // Emptied or begun anew meanwhile: these no longer join what is there.
    if (list.value.at(-1)?.id !== before) return
    list.value = [...list.value, ...older]
    mayHaveOlder.value = older.length === PAGE_MAILS
  }

  return {
    list,
    mayHaveOlder,
    begin,
    put,
    empty,
    loadOlder,
    server: () => calls().server(),
    message: (id: number) => calls().message({ id }),
    clear: () => calls().clear(),
  }
})
