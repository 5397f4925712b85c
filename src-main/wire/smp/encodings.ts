import { consoleEncoding } from './console'
import type { SmpEncoding } from './encoding'
import { rawEncoding } from './raw'

/** Every encoding by its name. */
export const SMP_ENCODINGS: Readonly<Record<SmpEncoding['name'], SmpEncoding>> = {
  console: consoleEncoding,
  raw: rawEncoding,
}
