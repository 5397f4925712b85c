import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { CarrierVendor, Customer } from '../../../src-main/contract/rollouts'
import type { Invoice } from '../../../src-main/contract/settlement'
import { useLayout } from '../../composables/layout'

export const CARRIER_TABS = [
  'rollouts',
  'customers',
  'updates',
  'invoices',
  'mailbox',
  'registry',
  'network',
  'refusals',
] as const
export type CarrierTab = (typeof CARRIER_TABS)[number]

export type CarrierDialog =
  /** Null: a new row. */
  | { readonly kind: 'customer'; readonly customer: Customer | null }
  | { readonly kind: 'token'; readonly deviceId: string }
  | { readonly kind: 'import' }
  /** Null: the settings of new rollouts. */
  | { readonly kind: 'settings'; readonly rolloutId: number | null }
  | { readonly kind: 'notice' }
  | { readonly kind: 'vendor'; readonly vendor: CarrierVendor | null }
  | { readonly kind: 'address' }
  | { readonly kind: 'payment'; readonly invoice: Invoice }
  | { readonly kind: 'handset' }
  | { readonly kind: 'device' }
  | { readonly kind: 'fleet' }

/** Which part of the Carrier console is open, and which dialog over it. */
export const useCarrierTabs = defineStore('carrier-tabs', () => {
  const number = useLayout('carrier.tab', 0)
  const dialog = ref<CarrierDialog | null>(null)
  const tab = computed<CarrierTab>({
    get: () => CARRIER_TABS[number.value] ?? CARRIER_TABS[0],
    set: wanted => (number.value = CARRIER_TABS.indexOf(wanted)),
  })
  return { tab, dialog, close: () => void (dialog.value = null) }
})
