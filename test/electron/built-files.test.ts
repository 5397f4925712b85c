import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseAst } from 'vite'
import { expect, test } from 'vitest'

const main = resolve(import.meta.dirname, '../../out/main')
const preload = resolve(import.meta.dirname, '../../out/preload')

interface Node {
  readonly type: string
  readonly await?: boolean
  readonly source?: { readonly value?: unknown } | null
}

const files = readdirSync(main, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.js'))
  .map(name => join(main, name))

const trees = new Map(files.map(file => [file, parseAst(readFileSync(file, 'utf8'))]))
const importsByFile = new Map(files.map(file => [file, importsIn(file)]))

/** Every node of a built file; those inside of functions are left out on demand. */
function nodesOf(file: string, { intoFunctions }: { intoFunctions: boolean }): Node[] {
  const found: Node[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (typeof value !== 'object' || value === null || !('type' in value)) return
    const node = value as Node
    found.push(node)
    if (!intoFunctions && /Function|MethodDefinition/.test(node.type)) return
    Object.values(value).forEach(visit)
  }
  visit(trees.get(file))
  return found
}

function importsOf(file: string): readonly string[] {
  return importsByFile.get(file) ?? []
}

function importsIn(file: string): string[] {
  return nodesOf(file, { intoFunctions: true }).flatMap(({ type, source }) => {
    const isImport = /^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(type)
    return isImport && typeof source?.value === 'string' ? [source.value] : []
  })
}

/** A file and all that it loads. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const name of importsOf(file)) {
    if (name.startsWith('.')) loadedBy(resolve(dirname(file), name), seen)
  }
  return seen
}

const named = (found: Iterable<string>) => [...found].map(file => relative(main, file)).toSorted()

test('nothing that the Electron entry loads awaits at its top level: Electron would never be ready', () => {
  const waiting = [...loadedBy(join(main, 'index.js'))].filter(file =>
    nodesOf(file, { intoFunctions: false }).some(
      node => node.type === 'AwaitExpression' || node.await === true,
    ),
  )
  expect(named(waiting)).toEqual([])
  // The check sees one where there is one: the command line has no such limit.
  const cli = nodesOf(join(main, 'cli.js'), { intoFunctions: false })
  expect(cli.some(node => node.type === 'AwaitExpression')).toBe(true)
})

test('no file of the other entries imports electron', () => {
  const importers = files.filter(file => importsOf(file).includes('electron'))
  expect(named(importers)).toEqual(['index.js'])
  for (const entry of ['cli.js', 'headless.js', 'api.js']) {
    expect(named(loadedBy(join(main, entry)))).not.toContain('index.js')
  }
})

test('only packages with native parts stay outside of the build', () => {
  const outside = files
    .flatMap(importsOf)
    .filter(name => !name.startsWith('.') && !name.startsWith('node:'))
  const builtin = new Set(process.getBuiltinModule('node:module').builtinModules)
  const packages = new Set(outside.filter(name => !builtin.has(name)))
  const native = ['better-sqlite3', 'electron', 'lzma-native', 'serialport']
  expect([...packages].toSorted()).toEqual(native)
})

test('the preload script is one short file that requires electron alone', () => {
  expect(readdirSync(preload)).toEqual(['index.cjs'])
  const built = readFileSync(join(preload, 'index.cjs'), 'utf8')
  const required = [...built.matchAll(/require\(["']([^"']+)["']\)/g)].map(match => match[1])
  expect(required).toEqual(['electron'])
  expect(built).not.toMatch(/^import |\bimport\(/m)
  const source = resolve(import.meta.dirname, '../../src-preload/index.ts')
  expect(readFileSync(source, 'utf8').split('\n').length).toBeLessThanOrEqual(41)
})
