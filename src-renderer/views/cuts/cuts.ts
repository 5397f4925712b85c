import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useAddImages } from '../../composables/add-images'
import { useProblem } from '../../composables/attempt'
import { useConnection } from '../../rpc/connection'
import { useDelta } from '../../stores/delta'
import { useImages } from '../../stores/images'
import { useRecordsTab } from '../handset/records-tab'
import { wholeNumber } from './verdicts'

const POINTS_MAX = 10_000_000
const SEED_MAX = 0xffff_ffff

/** Which images the power is cut on, at which points, and which run is shown. */
export const useCuts = defineStore('cuts', () => {
  const addImages = useAddImages()
  const connection = useConnection()
  const delta = useDelta()
  const images = useImages()
  const tab = useRecordsTab()
  const attempts = useProblem()

  const old = ref<string | null>(null)
  const fresh = ref<string | null>(null)
  const which = ref<'all' | 'sample'>('sample')
  const pointsText = ref('2000')
  const seedText = ref('1')
  const shownId = ref<number | null>(null)
  const isStarting = ref(false)

  const runs = computed(() => delta.jobs.filter(({ kind }) => kind === 'cuts'))
  const shown = computed(() => runs.value.find(({ id }) => id === shownId.value) ?? null)
  const running = computed(() => runs.value.find(({ endedAt }) => endedAt === null) ?? null)
  const points = computed(() => wholeNumber(pointsText.value, 1, POINTS_MAX))
  const seed = computed(() => wholeNumber(seedText.value, 0, SEED_MAX))
  const canStart = computed(
    () =>
      connection.isConnected &&
      !isStarting.value &&
      old.value !== null &&
      fresh.value !== null &&
      old.value !== fresh.value &&
      seed.value !== null &&
      (which.value === 'all' || points.value !== null),
  )

  watch(
    runs,
    all => {
      if (!all.some(({ id }) => id === shownId.value)) shownId.value = all[0]?.id ?? null
    },
    { immediate: true },
  )
  // What was tried last is what is tried next, unless a person has chosen.
  watch(
    [shown, () => images.list],
    ([run, list]) => {
      if (!run || old.value !== null || fresh.value !== null) return
      const isThere = (digest: string) => list.some(image => image.digest === digest)
      if (isThere(run.old.digest)) old.value = run.old.digest
      if (isThere(run.fresh.digest)) fresh.value = run.fresh.digest
    },
    { immediate: true },
  )
  watch(
    () => images.list,
    list => {
      const isThere = (digest: string | null) => list.some(image => image.digest === digest)
      if (!isThere(old.value)) old.value = null
      if (!isThere(fresh.value)) fresh.value = null
    },
  )

  async function start(): Promise<void> {
    if (!canStart.value || old.value === null || fresh.value === null) return
    const pair = { old: old.value, fresh: fresh.value, seed: seed.value ?? 1 }
    isStarting.value = true
    await attempts.attempt(async () => {
      const job = await delta.cuts({ ...pair, points: which.value === 'all' ? null : points.value })
      delta.learn(job)
      shownId.value = job.id
    })
    isStarting.value = false
  }

  /** New images take the places that are still free. */
  async function addFiles(files: readonly File[]): Promise<void> {
    for (const { digest } of await addImages(files)) {
      if (old.value === null) old.value = digest
      else if (fresh.value === null) fresh.value = digest
    }
  }

  return {
    old,
    fresh,
    which,
    pointsText,
    seedText,
    points,
    seed,
    shownId,
    isStarting,
    problem: attempts.problem,
    runs,
    shown,
    running,
    canStart,
    start,
    cancel: (id: number) => attempts.attempt(() => delta.cancel(id)),
    addFiles,
    show: () => void (tab.shown = 'cuts'),
  }
})
