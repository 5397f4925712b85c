import { onScopeDispose } from 'vue'
import { useCommands } from '../../commands/registry'
import { useNavigation } from '../../navigation'
import { useConnection } from '../../rpc/connection'
import { useCarrierTabs, type CarrierDialog, type CarrierTab } from './carrier-tabs'
import { useRolloutsPane, type RolloutAction } from './rollouts/rollouts-pane'

/** Commands of the Carrier console; they work from every console and lead to it. */
export function useCarrierCommands(): void {
  const commands = useCommands()
  const connection = useConnection()
  const navigation = useNavigation()
  const pane = useRolloutsPane()
  const tabs = useCarrierTabs()

  function go(tab: CarrierTab): void {
    navigation.go('carrier')
    tabs.tab = tab
  }

  const showing = (tab: CarrierTab) => ({ run: () => go(tab) })
  const asking = (tab: CarrierTab, dialog: CarrierDialog) => ({
    run: () => {
      go(tab)
      tabs.dialog = dialog
    },
    isEnabled: () => connection.isConnected,
  })
  const doing = (action: RolloutAction) => ({
    run: () => {
      go('rollouts')
      return pane.run(action)
    },
    isEnabled: () => pane.can(action),
  })
  const withRollout = (work: (id: number) => unknown) => ({
    run: () => {
      go('rollouts')
      return pane.rollout && work(pane.rollout.id)
    },
    isEnabled: () => connection.isConnected && pane.rollout !== null,
  })

  onScopeDispose(
    commands.handle({
      'carrier.show-rollouts': showing('rollouts'),
      'carrier.show-customers': showing('customers'),
      'carrier.show-updates': showing('updates'),
      'carrier.show-invoices': showing('invoices'),
      'carrier.show-mailbox': showing('mailbox'),
      'carrier.show-registry': showing('registry'),
      'carrier.show-network': showing('network'),
      'carrier.show-refusals': showing('refusals'),
      'carrier.notice': asking('rollouts', { kind: 'notice' }),
      'carrier.fetch': doing('fetchAgain'),
      'carrier.pause': doing('pause'),
      'carrier.resume': doing('resume'),
      'carrier.cancel-rollout': doing('cancel'),
      'carrier.retry': withRollout(() => pane.retry()),
      'carrier.settings': withRollout(id => (tabs.dialog = { kind: 'settings', rolloutId: id })),
      'carrier.defaults': asking('rollouts', { kind: 'settings', rolloutId: null }),
      'carrier.add-customer': asking('customers', { kind: 'customer', customer: null }),
      'carrier.import-customers': asking('customers', { kind: 'import' }),
      'carrier.register-vendor': asking('registry', { kind: 'vendor', vendor: null }),
      'carrier.set-address': asking('registry', { kind: 'address' }),
      'carrier.connect-handset': asking('network', { kind: 'handset' }),
      'carrier.add-device': asking('network', { kind: 'device' }),
      'carrier.add-fleet': asking('network', { kind: 'fleet' }),
    }),
  )
}
