import k1 from '../../../resources/handsets/k1.json'
import { CodedError } from '../../base/coded-error'
import type { HandsetModel } from '../model/model'
import { readModel } from '../model/read-model'

const MODELS: ReadonlyMap<string, HandsetModel> = new Map(
  [k1].map(json => {
    const model = readModel(json)
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
