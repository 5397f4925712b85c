import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Customer } from '../../../../src-main/contract/rollouts'
import { useAnnouncer } from '../../../composables/announcer'
import { useProblem } from '../../../composables/attempt'
import { useConfirm } from '../../../composables/confirm'
import { useCustomers } from '../../../stores/customers'
import { useText } from '../../../text/i18n'

export const SORTS = ['deviceId', 'vendorName', 'managerName', 'deviceType'] as const
type Sort = (typeof SORTS)[number]

/** What a person looks for in the customer table, and the row that is chosen. */
export const useCustomersPane = defineStore('customers-pane', () => {
  const { t } = useText()
  const announcer = useAnnouncer()
  const confirm = useConfirm()
  const customers = useCustomers()
  const { problem, attempt } = useProblem()
  const filter = ref('')
  const sort = ref<Sort>('deviceId')
  const chosen = shallowRef<Customer | null>(null)
  /** The row that was taken out last; it can be put back. */
  const removed = shallowRef<Customer | null>(null)

  async function remove(): Promise<void> {
    const customer = chosen.value
    if (!customer) return
    const agreed = await confirm.ask({
      title: t('customers.removeTitle'),
      text: t('customers.removeText', { device: customer.deviceId }),
      action: t('common.remove'),
    })
    if (!agreed || !(await attempt(() => customers.remove([customer.deviceId])))) return
    removed.value = customer
    chosen.value = null
    announcer.say(t('customers.removed', { device: customer.deviceId }))
  }

  async function undo(): Promise<void> {
    const customer = removed.value
    if (customer && (await attempt(() => customers.put([customer])))) removed.value = null
  }

  return { filter, sort, chosen, removed, problem, remove, undo }
})
