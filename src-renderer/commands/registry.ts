import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { useFailures } from '../composables/failures'
import { COMMANDS, type CommandDefinition, type CommandId } from '../../src-main/contract/commands'

export interface CommandHandler {
  run(): unknown
  /** Absent: always possible. */
  isEnabled?(): boolean
}

export type CommandHandlers = Partial<Record<CommandId, CommandHandler>>

/** Who carries out each command; menu, palette and shortcuts all ask here. */
export const useCommands = defineStore('commands', () => {
  const failures = useFailures()
  const handlers = shallowReactive(new Map<CommandId, CommandHandler>())

  /** Returns the way to take them back. */
  function handle(added: CommandHandlers): () => void {
    const own = COMMANDS.flatMap(({ id }) => {
      const handler = added[id]
      return handler ? [[id, handler] as const] : []
    })
    for (const [id, handler] of own) handlers.set(id, handler)
    return () => {
      for (const [id, handler] of own) if (handlers.get(id) === handler) handlers.delete(id)
    }
  }

  function isEnabled(id: CommandId): boolean {
    const handler = handlers.get(id)
    return handler !== undefined && (handler.isEnabled?.() ?? true)
  }

  /** Answers whether the command is possible now; what fails in it is reported. */
  function run(id: CommandId): boolean {
    const handler = handlers.get(id)
    if (!handler || !isEnabled(id)) return false
    Promise.try(() => handler.run()).catch((error: unknown) => failures.report(error))
    return true
  }

  return { handle, isEnabled, run }
})

export function commandOf(id: CommandId): CommandDefinition {
  const found = COMMANDS.find(command => command.id === id)
  if (!found) throw new Error(`No such command: ${id}`)
  return found
}
