import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Notice, Settings, SettingsChange, Snapshot } from '../../src-main/contract/app'
import { useConnection } from '../rpc/connection'

const RECENT_LINKS_MAX = 20

const DEFAULTS: Settings = {
  version: 1,
  theme: 'system',
  language: 'system',
  recentLinks: [],
  layout: {},
}

export const useApp = defineStore('app', () => {
  const connection = useConnection()
  const settings = ref<Settings>(DEFAULTS)
  /** Layout that a person has changed and that is not known to be saved; it counts before theirs. */
  const unsavedLayout = ref<Settings['layout']>({})
  const notices = ref<Notice[]>([])
  /** The workbench's time and when, by the window's own clock, it was told. */
  const clock = ref<Snapshot['clock'] & { readonly toldAt: number }>({
    kind: 'real',
    now: Date.now(),
    toldAt: Date.now(),
  })

  function begin(snapshot: Snapshot): void {
    settings.value = snapshot.settings
    notices.value = snapshot.notices
    clock.value = { ...snapshot.clock, toldAt: Date.now() }
  }

  async function change(wanted: SettingsChange): Promise<void> {
    settings.value = await connection.client().app.changeSettings(wanted)
  }

  async function saveLayout(): Promise<void> {
    const sent = unsavedLayout.value
    await change({ layout: { ...settings.value.layout, ...sent } })
    const later = Object.entries(unsavedLayout.value).filter(
      ([name, value]) => sent[name] !== value,
    )
    unsavedLayout.value = Object.fromEntries(later)
  }

  async function resetLayout(): Promise<void> {
    unsavedLayout.value = {}
    await change({ layout: {} })
  }

  async function rememberLink(link: string): Promise<void> {
    const others = settings.value.recentLinks.filter(known => known !== link)
    await change({ recentLinks: [link, ...others].slice(0, RECENT_LINKS_MAX) })
  }

  async function dismissNotice(id: number): Promise<void> {
    await connection.client().app.dismissNotice({ id })
  }

  return {
    settings,
    unsavedLayout,
    notices,
    clock,
    begin,
    change,
    saveLayout,
    resetLayout,
    rememberLink,
    dismissNotice,
  }
})
