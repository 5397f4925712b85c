import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

export interface ImportEdge {
  readonly from: string
  /** A file of this project, relative to its root, or the name of a package. */
  readonly to: string
  readonly isPackage: boolean
  readonly isTypeOnly: boolean
}

/** Every source file below the folders, relative to the project's root, with `/`. */
export function sourceFiles(...folders: string[]): string[] {
  return folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(ts|vue|mjs)$/.test(name))
      .map(name => join(folder, name).replaceAll('\\', '/')),
  )
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

export function importsOf(file: string): ImportEdge[] {
  const text = read(file)
  const found = [
    ...[...text.matchAll(STATIC)].map(match => ({
      target: match[2] ?? '',
      isTypeOnly: match[1] !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC)].map(match => ({ target: match[1] ?? '', isTypeOnly: false })),
  ]
  return found.map(({ target, isTypeOnly }) => {
    const isPackage = !target.startsWith('.')
    return { from: file, to: isPackage ? target : fileOf(file, target), isPackage, isTypeOnly }
  })
}

function fileOf(importer: string, target: string): string {
  const path = normalize(join(dirname(importer), target)).replaceAll('\\', '/')
  const candidates = [path, `${path}.ts`, `${path}/index.ts`, `${path}.vue`]
  const file = candidates.find(name => /\.\w+$/.test(name) && existsSync(join(root, name)))
  if (!file) throw new Error(`${importer} imports ${target}, which is no file`)
  return file
}
