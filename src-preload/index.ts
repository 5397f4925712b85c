import { contextBridge, ipcRenderer } from 'electron'

/** The main process names the same two. */
const PORT_CHANNEL = 'kintsugi:port'
const COMMAND_CHANNEL = 'kintsugi:command'

// Ports cannot cross the bridge, so the page posts one end of its channel to its own window.
window.addEventListener('message', event => {
  if (event.source !== window || event.data !== PORT_CHANNEL) return
  ipcRenderer.postMessage(PORT_CHANNEL, null, [...event.ports])
})

contextBridge.exposeInMainWorld('kintsugi', {
  /** Calls back with the id of every command that is chosen in the native menu. */
  onCommand(listener: (id: string) => void): () => void {
    const relay = (_event: unknown, id: string) => listener(id)
    ipcRenderer.on(COMMAND_CHANNEL, relay)
    return () => void ipcRenderer.off(COMMAND_CHANNEL, relay)
  },
})
