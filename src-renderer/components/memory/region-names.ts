import { en } from '../../text/en'
import { useText } from '../../text/i18n'

type RegionName = keyof typeof en.memory.region

/** The words for a region of the flash; one that no catalogue knows keeps its name. */
export function useRegionNames(): (name: string) => string {
  const { t } = useText()
  const isKnown = (name: string): name is RegionName => Object.hasOwn(en.memory.region, name)
  return name => (isKnown(name) ? t(`memory.region.${name}`) : name)
}
