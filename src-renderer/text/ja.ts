import { bench } from './ja/bench'
import { errors } from './ja/errors'
import { handset } from './ja/handset'
import { shell } from './ja/shell'
import { trace } from './ja/trace'
import type { Texts } from './keys'

/** The Japanese texts, key by key those of the English ones. */
export const ja: Texts = { ...shell, ...bench, ...handset, ...trace, ...errors }
