import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { useAnnouncer } from '../../composables/announcer'
import { useConnection } from '../../rpc/connection'
import { problemOf, type Problem } from '../../rpc/problem'
import { useApp } from '../../stores/app'
import { useHandsets } from '../../stores/handsets'
import { useImages } from '../../stores/images'
import { useRestore } from '../../stores/restore'
import { useText } from '../../text/i18n'

/** What is chosen on the bench, and what can be done with it. */
export const useBench = defineStore('bench', () => {
  const { t } = useText()
  const announcer = useAnnouncer()
  const app = useApp()
  const connection = useConnection()
  const handsets = useHandsets()
  const images = useImages()
  const restore = useRestore()

  const link = ref<string | null>(null)
  const digest = ref<string | null>(null)
  const verify = ref(true)
  const shownId = ref<number | null>(null)
  const isStarting = ref(false)
  const problem = shallowRef<Problem | null>(null)

  const image = computed(() => images.list.find(one => one.digest === digest.value) ?? null)
  const handset = computed(() => handsets.list.find(one => one.link === link.value) ?? null)
  const shown = computed(() => restore.list.find(one => one.id === shownId.value) ?? null)
  const runningHere = computed(() => restore.running.find(one => one.link === link.value) ?? null)
  const inquiry = computed(
    () => (link.value === null ? null : restore.inquiries[link.value]) ?? null,
  )
  const canIdentify = computed(
    () =>
      connection.isConnected &&
      link.value !== null &&
      !runningHere.value &&
      inquiry.value?.kind !== 'asking',
  )
  const canStart = computed(
    () =>
      connection.isConnected &&
      link.value !== null &&
      image.value !== null &&
      !runningHere.value &&
      !isStarting.value,
  )
  const canCancel = computed(() => connection.isConnected && shown.value?.endedAt === null)

  // At once, so that `show` can then choose another restore of the same link.
  const onLink = () => {
    problem.value = null
    if (runningHere.value) shownId.value = runningHere.value.id
    else if (shown.value?.stage === 'ended') shownId.value = null
  }
  watch(link, onLink, { flush: 'sync' })
  watch([link, handset], ([chosen, now], [before, known]) => {
    if (chosen === before && known && !now) link.value = null
  })
  watch(
    () => restore.running.map(({ id }) => id),
    (ids, before) => before.filter(id => !ids.includes(id)).forEach(sayEnd),
  )
  watch(
    () => restore.running[0],
    first => {
      if (first && shownId.value === null) shownId.value = first.id
    },
    { immediate: true },
  )

  function sayEnd(id: number): void {
    const result = restore.list.find(one => one.id === id)?.result
    if (result) announcer.say(t('announce.ended', { id, result: t(`results.${result}`) }))
  }

  async function identify(): Promise<void> {
    if (link.value === null || !canIdentify.value) return
    await restore.identify(link.value)
  }

  async function start(): Promise<void> {
    const [chosenLink, chosenDigest] = [link.value, digest.value]
    if (chosenLink === null || chosenDigest === null || !canStart.value) return
    isStarting.value = true
    try {
      const options = { protocol: 'auto', offset: 0, verify: verify.value } as const
      const begun = await restore.start({ link: chosenLink, digest: chosenDigest, options })
      restore.learn(begun)
      shownId.value = begun.id
      problem.value = null
      announcer.say(t('announce.started', { id: begun.id }))
      await app.rememberLink(chosenLink)
    } catch (error) {
      problem.value = problemOf(error)
    } finally {
      isStarting.value = false
    }
  }

  async function cancel(id: number): Promise<void> {
    try {
      await restore.cancel(id)
    } catch (error) {
      problem.value = problemOf(error)
    }
  }

  /** Shows a restore of the history or a running one, and chooses its device. */
  function show(id: number): void {
    const wanted = restore.list.find(one => one.id === id)
    if (!wanted) return
    link.value = wanted.link
    shownId.value = id
  }

  async function addFiles(files: readonly File[]): Promise<void> {
    for (const file of files) {
      const stored = await images.add(file)
      if (!stored) continue
      images.put(stored)
      digest.value = stored.digest
      announcer.say(t('announce.imageAdded', { name: stored.name }))
    }
  }

  return {
    link,
    digest,
    verify,
    shownId,
    isStarting,
    problem,
    image,
    handset,
    shown,
    runningHere,
    inquiry,
    canIdentify,
    canStart,
    canCancel,
    identify,
    start,
    cancel,
    show,
    addFiles,
  }
})
