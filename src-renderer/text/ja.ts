import { bench } from './ja/bench'
import { carrier } from './ja/carrier'
import { cuts } from './ja/cuts'
import { desk } from './ja/desk'
import { errors } from './ja/errors'
import { handset } from './ja/handset'
import { rollouts } from './ja/rollouts'
import { shell } from './ja/shell'
import { steps } from './ja/steps'
import { trace } from './ja/trace'
import { update } from './ja/update'
import { vendor } from './ja/vendor'
import type { Texts } from './keys'

/** The Japanese texts, key by key those of the English ones. */
export const ja: Texts = {
  ...shell,
  ...bench,
  ...handset,
  ...update,
  ...cuts,
  ...carrier,
  ...desk,
  ...rollouts,
  ...steps,
  ...vendor,
  ...trace,
  ...errors,
}
