import { onScopeDispose } from 'vue'
import { useCommands } from '../../commands/registry'
import { useNavigation } from '../../navigation'
import { useConnection } from '../../rpc/connection'
import { useVendorConsole, type VendorTab, type WayToCarrier } from './vendor-console'

/** Commands of the Vendor console; they work from every console and lead to it. */
export function useVendorCommands(): void {
  const commands = useCommands()
  const connection = useConnection()
  const navigation = useNavigation()
  const shown = useVendorConsole()

  const there = (work: () => unknown, tab?: VendorTab) => ({
    run: () => {
      navigation.go('vendor')
      if (tab) shown.tab = tab
      return work()
    },
    isEnabled: () => connection.isConnected && shown.vendor !== null,
  })
  const sending = (way: WayToCarrier) => ({
    ...there(() => shown.send(way), 'releases'),
    isEnabled: () => shown.canSend(shown.release),
  })

  onScopeDispose(
    commands.handle({
      'vendor.create': {
        ...there(() => (shown.dialog = 'create')),
        isEnabled: () => connection.isConnected,
      },
      'vendor.register': there(() => shown.register(null)),
      'vendor.notify': sending('api'),
      'vendor.notify-by-mail': sending('mail'),
      'vendor.upload': sending('upload'),
      'vendor.set-accessor': there(() => (shown.dialog = 'accessor'), 'access'),
      'vendor.carrier-access': there(() => (shown.dialog = 'carrier')),
      'vendor.rotate-root': there(() => shown.rotate('root'), 'keys'),
      'vendor.rotate-targets': there(() => shown.rotate('targets'), 'keys'),
    }),
  )
}
