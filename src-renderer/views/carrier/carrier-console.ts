import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useAddImages } from '../../composables/add-images'
import { useAnnouncer } from '../../composables/announcer'
import { useProblem } from '../../composables/attempt'
import { useConnection } from '../../rpc/connection'
import { useCarrier } from '../../stores/carrier'
import { useImages } from '../../stores/images'
import { useText } from '../../text/i18n'

/** Which image of the library is to be published. */
export const useCarrierConsole = defineStore('carrier-console', () => {
  const { t } = useText()
  const addImages = useAddImages()
  const announcer = useAnnouncer()
  const carrier = useCarrier()
  const connection = useConnection()
  const images = useImages()
  const attempts = useProblem()

  const digest = ref<string | null>(null)
  const isPublishing = ref(false)
  const image = computed(() => images.list.find(one => one.digest === digest.value) ?? null)
  const canPublish = computed(
    () => connection.isConnected && image.value !== null && !isPublishing.value,
  )

  watch(digest, () => (attempts.problem.value = null))
  watch(
    () => images.list,
    list => {
      if (!list.some(one => one.digest === digest.value)) digest.value = null
    },
  )

  async function publish(): Promise<void> {
    if (!image.value || !canPublish.value) return
    isPublishing.value = true
    const wanted = image.value.digest
    if (await attempts.attempt(() => carrier.publish(wanted))) {
      const release = carrier.releases.find(one => one.digest === wanted)
      if (release) announcer.say(t('carrier.done', release.software))
      // A person may have chosen the next one meanwhile.
      if (digest.value === wanted) digest.value = null
    }
    isPublishing.value = false
  }

  /** Takes files into the library and chooses the last one; publishing is left to a person. */
  async function addFiles(files: readonly File[]): Promise<void> {
    for (const added of await addImages(files)) digest.value = added.digest
  }

  return { digest, canPublish, problem: attempts.problem, publish, addFiles }
})
