import type { CommandId } from '../../src-main/contract/commands'

/** What the preload script offers in the Electron window; a browser has none of it. */
export interface KintsugiBridge {
  /** Calls back when a command is chosen in the native menu. Returns the unsubscribe. */
  onCommand(listener: (id: CommandId) => void): () => void
}

declare global {
  interface Window {
    readonly kintsugi?: KintsugiBridge
  }
}

/** The message that carries one end of a channel to the preload script. */
export const PORT_MESSAGE = 'kintsugi:port'

export function bridge(): KintsugiBridge | undefined {
  return window.kintsugi
}
