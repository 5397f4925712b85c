import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import { useConnection } from '../rpc/connection'

type Inputs = WorkbenchInputs['settlement']

/** Invoices and payments, by pages. */
export const useSettlement = defineStore('settlement', () => {
  const connection = useConnection()
  /** Rises when some invoice changed. */
  const changes = ref(0)
  const calls = () => connection.client().settlement

  return {
    changes,
    noteChange: () => void (changes.value += 1),
    account: () => calls().account(),
    invoices: (input: Inputs['invoices']) => calls().invoices(input),
    payments: (input: Inputs['payments']) => calls().payments(input),
    pay: (input: Inputs['pay']) => calls().pay(input),
  }
})
