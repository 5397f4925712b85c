import { bench } from './en/bench'
import { errors } from './en/errors'
import { handset } from './en/handset'
import { shell } from './en/shell'
import { trace } from './en/trace'

/** The English texts; the Japanese ones have the same keys. A test finds missing and unused ones. */
export const en = { ...shell, ...bench, ...handset, ...trace, ...errors }
