import { bench } from './en/bench'
import { carrier } from './en/carrier'
import { cuts } from './en/cuts'
import { errors } from './en/errors'
import { handset } from './en/handset'
import { shell } from './en/shell'
import { trace } from './en/trace'
import { update } from './en/update'

/** The English texts; the Japanese ones have the same keys. A test finds missing and unused ones. */
export const en = {
  ...shell,
  ...bench,
  ...handset,
  ...update,
  ...cuts,
  ...carrier,
  ...trace,
  ...errors,
}
