import type { IconName } from './icons'

export type Tone = 'good' | 'calm' | 'caution' | 'bad' | 'muted'

/** How a state looks: its colour and its shape, so that the colour is not needed. */
export type Look = readonly [tone: Tone, icon: IconName]
