import { bench } from './ja/bench'
import { carrier } from './ja/carrier'
import { cuts } from './ja/cuts'
import { errors } from './ja/errors'
import { handset } from './ja/handset'
import { shell } from './ja/shell'
import { trace } from './ja/trace'
import { update } from './ja/update'
import type { Texts } from './keys'

/** The Japanese texts, key by key those of the English ones. */
export const ja: Texts = {
  ...shell,
  ...bench,
  ...handset,
  ...update,
  ...cuts,
  ...carrier,
  ...trace,
  ...errors,
}
