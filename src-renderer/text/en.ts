import { bench } from './en/bench'
import { carrier } from './en/carrier'
import { cuts } from './en/cuts'
import { desk } from './en/desk'
import { errors } from './en/errors'
import { handset } from './en/handset'
import { rollouts } from './en/rollouts'
import { shell } from './en/shell'
import { steps } from './en/steps'
import { trace } from './en/trace'
import { update } from './en/update'
import { vendor } from './en/vendor'

/** The English texts; the Japanese ones have the same keys. A test finds missing and unused ones. */
export const en = {
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
