import { readFileSync } from 'node:fs'

export const firmwareFolder = new URL('../../../resources/firmware/', import.meta.url)

interface Area {
  readonly name: string
  readonly address: number
  readonly bytes: number
}

export type ModelLayout = ReturnType<typeof layoutOf>

/** The numbers of a model that firmware has to agree with, read from the file itself. */
export function layoutOf(model: string) {
  const file = new URL(`../handsets/${model}.json`, firmwareFolder)
  const json = JSON.parse(readFileSync(file, 'utf8'))
  const isExecutable = (region: { name: string }) => region.name === 'executable'
  return {
    model,
    flashBytes: Number(json.flash.bytes),
    ramAddress: Number(json.ram.address),
    ramBytes: Number(json.ram.bytes),
    handoverAddress: Number(json.ram.handoverAddress),
    tasks: json.ram.tasks.map(areaOf) as readonly Area[],
    windowAddress: Number(json.execution.windowAddress),
    vectorOffset: Number(json.execution.vectorOffset),
    hertz: Number(json.cpu.hertz),
    display: json.display as { readonly width: number; readonly height: number },
    executable: areaOf(json.regions.find(isExecutable)),
    smp: json.restore.smp as { readonly bufferBytes: number; readonly bufferCount: number },
  }
}

function areaOf(area: Record<keyof Area, string>): Area {
  return { name: area.name, address: Number(area.address), bytes: Number(area.bytes) }
}

export const k1 = layoutOf('k1')
export const k2 = layoutOf('k2')
