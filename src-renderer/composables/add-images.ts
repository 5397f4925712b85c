import type { StoredImage } from '../../src-main/contract/images'
import { useImages } from '../stores/images'
import { useText } from '../text/i18n'
import { useAnnouncer } from './announcer'

/** Takes files into the library, one after another. Answers with those that were not refused. */
export function useAddImages(): (files: readonly File[]) => Promise<StoredImage[]> {
  const { t } = useText()
  const announcer = useAnnouncer()
  const images = useImages()
  return async files => {
    const added: StoredImage[] = []
    for (const file of files) {
      const stored = await images.add(file)
      if (!stored) continue
      images.put(stored)
      added.push(stored)
      announcer.say(t('announce.imageAdded', { name: stored.name }))
    }
    return added
  }
}
