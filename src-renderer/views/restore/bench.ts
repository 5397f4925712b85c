import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { RestoreView } from '../../../src-main/contract/restore'
import { useAddImages } from '../../composables/add-images'
import { useAnnouncer } from '../../composables/announcer'
import { useConnection } from '../../rpc/connection'
import { problemOf, type Problem } from '../../rpc/problem'
import { useApp } from '../../stores/app'
import { useHandsets } from '../../stores/handsets'
import { useImages } from '../../stores/images'
import { useRestore } from '../../stores/restore'
import { useText } from '../../text/i18n'
import { useEncoding } from './encoding'
import { isFeasible, standingOf } from './plan'
import { usePlanning } from './planning'

/** What is chosen on the bench, and what can be done with it. */
export const useBench = defineStore('bench', () => {
  const { t } = useText()
  const addImages = useAddImages()
  const announcer = useAnnouncer()
  const app = useApp()
  const connection = useConnection()
  const handsets = useHandsets()
  const images = useImages()
  const restore = useRestore()

  const link = ref<string | null>(null)
  const digest = ref<string | null>(null)
  const verify = ref(true)
  const encoding = useEncoding()
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
  const order = computed(() => {
    if (link.value === null || image.value === null) return null
    return { link: link.value, digest: image.value.digest, encoding: encoding.value }
  })
  const { planning, plan, goesOn, isForced, ...plans } = usePlanning(() => order.value)
  /** Nobody else of this window asks the device something or writes it. */
  const isFree = computed(
    () =>
      connection.isConnected &&
      !runningHere.value &&
      !isStarting.value &&
      inquiry.value?.kind !== 'asking' &&
      planning.value?.kind !== 'asking',
  )
  const canIdentify = computed(() => isFree.value && link.value !== null)
  const canPlan = computed(() => isFree.value && order.value !== null)
  const canStart = computed(() => isFree.value && plan.value !== null && isFeasible(plan.value))
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
    () => [link.value, handset.value && standingOf(handset.value)] as const,
    ([chosen, now], [before, known]) => {
      const isOther = chosen === before && now !== known
      // A restore that runs says by itself when the device is another.
      if (chosen !== null && isOther && !runningHere.value) restore.forget(chosen)
    },
  )
  watch(encoding, () => link.value !== null && restore.forget(link.value))
  watch(inquiry, (now, before) => {
    if (before?.kind === 'answered' && now !== before && now?.kind !== 'answered') plans.drop()
  })
  // A device that has just been restored with this image is not asked again by itself.
  const isDone = () =>
    shown.value?.error === null &&
    shown.value.link === link.value &&
    shown.value.image.digest === digest.value
  watch([inquiry, order], ([known]) => {
    const isWanted = known?.kind === 'answered' && planning.value === null && !isDone()
    if (isWanted && canPlan.value) void makePlan()
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
    // So that the version that answers now is seen.
    if (result === 'restored' && shownId.value === id) void identify()
  }

  async function identify(): Promise<void> {
    if (link.value === null || !canIdentify.value) return
    plans.drop()
    await restore.identify(link.value, encoding.value)
  }

  async function makePlan(): Promise<void> {
    if (!canPlan.value) return
    problem.value = null
    const made = await plans.make()
    if (made) announcer.say(t('announce.planned', { verdict: t(`plan.verdict.${made.verdict}`) }))
  }

  /** Plans anew, so that what is written all the same is shown before it happens. */
  async function force(): Promise<void> {
    isForced.value = true
    await makePlan()
  }

  async function start(): Promise<void> {
    const followed = plan.value
    if (!order.value || !followed || !canStart.value) return
    const { encoding: chosenEncoding, ...place } = order.value
    isStarting.value = true
    try {
      const options = {
        verify: verify.value,
        encoding: chosenEncoding,
        resume: followed.verdict === 'resume',
        force: isForced.value,
      }
      const begun = await restore.start({ ...place, options })
      restore.learn(begun)
      shownId.value = begun.id
      problem.value = null
      plans.drop()
      announcer.say(t('announce.started', { id: begun.id }))
      await app.rememberLink(place.link)
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

  /** Chooses what an interrupted restore was about, and plans how it could go on. */
  async function goOnWith(interrupted: RestoreView): Promise<void> {
    show(interrupted.id)
    digest.value = interrupted.image.digest
    await makePlan()
  }

  /** Shows a restore of the history or a running one, and chooses its device. */
  function show(id: number): void {
    const wanted = restore.list.find(one => one.id === id)
    if (!wanted) return
    link.value = wanted.link
    shownId.value = id
  }

  async function addFiles(files: readonly File[]): Promise<void> {
    for (const stored of await addImages(files)) digest.value = stored.digest
  }

  return {
    link,
    digest,
    verify,
    encoding,
    shownId,
    isStarting,
    problem,
    image,
    handset,
    shown,
    runningHere,
    inquiry,
    planning,
    plan,
    goesOn,
    canIdentify,
    canPlan,
    canStart,
    canCancel,
    identify,
    makePlan,
    force,
    start,
    goOnWith,
    cancel,
    show,
    addFiles,
  }
})
