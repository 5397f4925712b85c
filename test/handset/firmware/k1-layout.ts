import { readFileSync } from 'node:fs'

export const firmwareFolder = new URL('../../../resources/firmware/', import.meta.url)

const json = JSON.parse(readFileSync(new URL('../handsets/k1.json', firmwareFolder), 'utf8'))

interface Area {
  readonly name: string
  readonly address: number
  readonly bytes: number
}

/** The numbers of `k1.json` that firmware has to agree with, read from the file itself. */
export const k1 = {
  flashBytes: Number(json.flash.bytes),
  ramAddress: Number(json.ram.address),
  ramBytes: Number(json.ram.bytes),
  handoverAddress: Number(json.ram.handoverAddress),
  tasks: json.ram.tasks.map(areaOf) as readonly Area[],
  windowAddress: Number(json.execution.windowAddress),
  vectorOffset: Number(json.execution.vectorOffset),
  hertz: Number(json.cpu.hertz),
  display: json.display as { readonly width: number; readonly height: number },
  executable: areaOf(json.regions.find((region: { name: string }) => region.name === 'executable')),
  smp: json.restore.smp as { readonly bufferBytes: number; readonly bufferCount: number },
}

function areaOf(area: Record<keyof Area, string>): Area {
  return { name: area.name, address: Number(area.address), bytes: Number(area.bytes) }
}
