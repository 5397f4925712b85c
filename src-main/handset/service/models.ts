import flashParts from '../../../resources/flash-parts.json'
import k1 from '../../../resources/handsets/k1.json'
import k2 from '../../../resources/handsets/k2.json'
import specRam from '../../../resources/handsets/spec-ram.json'
import { CodedError } from '../../base/coded-error'
import { readFlashParts } from '../flash/parts'
import type { HandsetModel } from '../model/model'
import { readModel } from '../model/read-model'

const PARTS = readFlashParts(flashParts)

const MODELS: ReadonlyMap<string, HandsetModel> = new Map(
  [k1, k2, specRam].map(json => {
    const model = readModel(json, PARTS)
    return [model.name, model]
  }),
)

export function modelNames(): string[] {
  return [...MODELS.keys()].toSorted()
}

/** Throws a CodedError `MODEL_UNKNOWN`. */
export function modelNamed(name: string): HandsetModel {
  const model = MODELS.get(name)
  if (model) return model
  const message = `There is no handset model "${name}". There are: ${modelNames().join(', ')}.`
  throw new CodedError('MODEL_UNKNOWN', message, { model: name })
}
