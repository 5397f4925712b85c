import type { WorkbenchInputs } from '../../../src-main/contract/index'

/** What a person enters of a release; lists are words with commas between them. */
export interface Registration {
  readonly digest: string
  readonly softwareName: string
  readonly version: string
  readonly deviceTypes: string
  readonly fromVersions: string
  /** In the smallest unit of the currency. */
  readonly price: number
  readonly currency: string
  readonly isTried: boolean
  readonly signal: string
  readonly answer: string
  readonly waitSeconds: number
}

export const BLANK_REGISTRATION: Registration = {
  digest: '',
  softwareName: '',
  version: '',
  deviceTypes: '',
  fromVersions: '',
  price: 500,
  currency: 'JPY',
  isTried: true,
  signal: 'STATUS?',
  answer: 'STATUS OK',
  waitSeconds: 60,
}

/** Firmware says its name and version itself; of another file a person says them. */
export function registerInput(
  vendorName: string,
  entered: Registration,
  isFirmware: boolean,
): WorkbenchInputs['vendor']['register'] {
  const { digest, softwareName, version, price, currency, isTried } = entered
  const { signal, answer, waitSeconds } = entered
  return {
    vendorName,
    digest,
    ...(isFirmware ? {} : { softwareName: softwareName.trim(), version: version.trim() }),
    additional: {
      deviceTypes: wordsOf(entered.deviceTypes),
      fromVersions: wordsOf(entered.fromVersions),
      price,
      currency: currency.trim().toUpperCase(),
      trial: isTried ? { signal, answer, waitSeconds } : null,
    },
  }
}

function wordsOf(text: string): string[] {
  return text
    .split(/[,、]/)
    .map(word => word.trim())
    .filter(word => word !== '')
}
