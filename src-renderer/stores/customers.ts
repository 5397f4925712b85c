import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { NewCustomer } from '../../src-main/contract/rollouts'
import { useConnection } from '../rpc/connection'

/** The customer table: far too long for the window, which asks for the pages that it shows. */
export const useCustomers = defineStore('customers', () => {
  const connection = useConnection()
  /** Rises when some rows changed. */
  const changes = ref(0)
  const calls = () => connection.client().carrier

  return {
    changes,
    noteChange: () => void (changes.value += 1),
    page: (input: WorkbenchInputs['carrier']['customers']) => calls().customers(input),
    put: (rows: NewCustomer[]) => calls().putCustomers({ rows }),
    remove: (deviceIds: string[]) => calls().removeCustomers({ deviceIds }),
    setToken: (deviceId: string, token: string | null) =>
      calls().setDeviceToken({ deviceId, token }),
  }
})
