import { nextTick, onScopeDispose } from 'vue'
import type { HandsetView } from '../../../src-main/contract/handsets'
import { useCommands } from '../../commands/registry'
import { useHandsetDialogs } from '../../components/handset/dialogs'
import { useNavigation } from '../../navigation'
import { useConnection } from '../../rpc/connection'
import { useHandsets } from '../../stores/handsets'
import { useCuts } from '../cuts/cuts'
import { useHandsetConsole } from './handset-console'
import { PHONE_ID, TERMINAL_INPUT_ID } from './places'
import { useTerminal } from './terminal'
import { canAskForUpdate, canCancelUpdate } from './update-steps'

/** Commands of the Handset console; they work from every console and lead to it. */
export function useHandsetCommands(): void {
  const commands = useCommands()
  const connection = useConnection()
  const cuts = useCuts()
  const dialogs = useHandsetDialogs()
  const handsets = useHandsets()
  const navigation = useNavigation()
  const shown = useHandsetConsole()
  const terminal = useTerminal()

  const isConnected = () => connection.isConnected
  /** Goes to the console first, so that a person sees what happens. */
  const there = (work: (handset: HandsetView) => unknown) => ({
    run: () => {
      navigation.go('handset')
      return shown.handset && work(shown.handset)
    },
    isEnabled: () => connection.isConnected && shown.handset !== null,
  })
  const focus = (id: string) => async () => {
    await nextTick()
    document.getElementById(id)?.focus()
  }
  const shownIs = (isSuch: (handset: HandsetView) => boolean) => () =>
    connection.isConnected && shown.handset !== null && isSuch(shown.handset)
  const isOff = shownIs(({ state }) => state === 'off')
  const isOn = shownIs(({ state }) => state !== 'off')

  onScopeDispose(
    commands.handle({
      'handset.new': {
        run: () => {
          if (navigation.current !== 'restore') navigation.go('handset')
          dialogs.creating = navigation.current === 'restore' ? 'bricked' : 'sound'
        },
        isEnabled: isConnected,
      },
      'handset.power': there(({ name, state }) => handsets.power(name, state === 'off')),
      'handset.restore-mode': {
        ...there(({ name }) => handsets.powerIntoRestoreMode(name)),
        isEnabled: isOff,
      },
      'handset.restart': {
        ...there(async ({ name }) => {
          await handsets.power(name, false)
          await handsets.power(name, true)
        }),
        isEnabled: isOn,
      },
      'handset.cut-now': {
        ...there(({ name }) => handsets.cutPower(name, 0)),
        isEnabled: isOn,
      },
      'handset.cut-at': there(({ name }) => (dialogs.cutting = name)),
      'handset.plant-fault': there(({ name }) => (dialogs.faulting = name)),
      'handset.update': {
        ...there(({ name }) => handsets.update(name)),
        isEnabled: shownIs(canAskForUpdate),
      },
      'handset.cancel-update': {
        ...there(({ name }) => handsets.cancelUpdate(name)),
        isEnabled: shownIs(canCancelUpdate),
      },
      'handset.power-cuts': {
        run: () => {
          navigation.go('handset')
          cuts.show()
        },
        isEnabled: isConnected,
      },
      'handset.next': there(() => shown.step(1)),
      'handset.previous': there(() => shown.step(-1)),
      'handset.focus-phone': there(focus(PHONE_ID)),
      'handset.focus-terminal': there(async () => {
        terminal.show()
        await focus(TERMINAL_INPUT_ID)()
      }),
      'handset.clear-terminal': there(({ name }) => terminal.clear(name)),
      'handset.save-terminal': there(({ name }) => terminal.save(name)),
    }),
  )
}
