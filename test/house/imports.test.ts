import { describe, expect, test } from 'vitest'
import { importsOf, sourceFiles, type ImportEdge } from './source-tree'

/** What each folder of src-main may import of the others: arrows point down only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  contract: ['base'],
  wire: ['base', 'contract'],
  link: ['base', 'contract'],
  storage: ['base', 'contract'],
  observe: ['base', 'contract', 'storage'],
  // The emulator knows the shape of a line, never a carrier; it meets the rest in workbench.ts.
  handset: ['base', 'contract', 'wire', 'link/byte-link.ts', 'observe/events.ts'],
  images: ['base', 'contract', 'wire', 'storage', 'observe'],
  delta: ['base', 'contract', 'wire', 'observe/events.ts'],
  // A server of its own on the loopback, and asking one.
  site: ['base', 'observe'],
  // Signed metadata of updates, for the vendor's and the carrier's part.
  metadata: ['base', 'contract', 'wire', 'storage'],
  mail: ['base', 'contract', 'site', 'storage', 'observe'],
  vendor: ['base', 'contract', 'wire', 'site', 'metadata', 'storage', 'observe'],
  carrier: ['base', 'contract', 'wire', 'site', 'metadata', 'storage', 'observe'],
  settlement: ['base', 'contract', 'wire', 'site', 'storage', 'observe'],
  network: ['base', 'contract', 'wire', 'site', 'observe'],
  restore: ['base', 'contract', 'wire', 'link', 'storage', 'observe'],
  app: ['base', 'contract', 'storage', 'observe'],
  rpc: ['base', 'contract', 'observe'],
  http: ['base', 'contract', 'rpc'],
  electron: ['base', 'contract', 'rpc', 'http'],
}
const SUBSYSTEMS = [
  'app',
  'carrier',
  'mail',
  'network',
  'settlement',
  'vendor',
  'delta',
  'handset',
  'images',
  'restore',
  'link',
  'storage',
  'observe',
  'rpc',
]
const FILES: Readonly<Record<string, readonly string[]>> = {
  'src-main/workbench.ts': ['base', 'contract', ...SUBSYSTEMS],
  'src-main/api.ts': ['base', 'workbench.ts'],
}

/** Packages with native code or a host of their own: each has one door. */
const ONE_DOOR: Readonly<Record<string, RegExp>> = {
  electron: /^src-(main\/(index\.ts|electron\/)|preload\/)/,
  serialport: /^src-main\/link\/serial-link\.ts$/,
  'better-sqlite3': /^src-main\/storage\/sqlite\.ts$/,
  'lzma-native': /^src-main\/delta\/lzma-encoder\.ts$/,
  'tuf-js': /^src-main\/handset\/service\/tuf-client\.ts$/,
  'smtp-server': /^src-main\/mail\/mail-server\.ts$/,
  nodemailer: /^src-main\/mail\/mail-sender\.ts$/,
  rp2040js: /^src-main\/handset\/cpu\/rp2040-chip\.ts$/,
}

const edges = sourceFiles('src-main', 'src-preload', 'src-renderer').flatMap(importsOf)

function isAllowed({ from, to }: ImportEdge): boolean {
  const folder = /^src-main\/([^/]+)\//.exec(from)?.[1]
  if (from.startsWith('src-renderer/') || from.startsWith('src-preload/')) {
    return [from.split('/')[0] ?? '', 'src-main/contract/', 'src-main/base/'].some(below =>
      to.startsWith(below),
    )
  }
  const target = to.replace(/^src-main\//, '')
  const allowed = FILES[from] ?? (folder === undefined ? undefined : MAY_IMPORT[folder])
  // Entries and commands are at the top and may reach down to everything.
  if (!allowed) return true
  const reachable = folder === undefined ? allowed : [...allowed, folder]
  return (
    to === 'package.json' ||
    (to.startsWith('resources/') && folder === 'handset') ||
    reachable.some(name => target === name || target.startsWith(`${name}/`))
  )
}

describe('the house', () => {
  test('every folder of src-main has its rule', () => {
    const folders = new Set(
      sourceFiles('src-main').flatMap(file => /^src-main\/([^/]+)\//.exec(file)?.[1] ?? []),
    )
    folders.delete('cli')
    expect([...folders].toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted())
  })

  test('imports point down only', () => {
    const wrong = edges.filter(edge => !edge.isPackage && !isAllowed(edge))
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  test.each(Object.entries(ONE_DOOR))('%s is imported in one place', (name, door) => {
    const importers = edges.filter(
      edge => edge.isPackage && (edge.to === name || edge.to.startsWith(`${name}/`)),
    )
    const others = importers.filter(edge => !edge.isTypeOnly && !door.test(edge.from))
    expect(others.map(edge => edge.from)).toEqual([])
  })

  test('no file imports itself by any way round', () => {
    expect(cycles(edges.filter(edge => !edge.isPackage && !edge.isTypeOnly))).toEqual([])
  })

  test('the checks see a forbidden arrow and a cycle', () => {
    const edge = (from: string, to: string) => ({ from, to, isPackage: false, isTypeOnly: false })
    expect(isAllowed(edge('src-main/wire/smp/packet.ts', 'src-main/storage/sqlite.ts'))).toBe(false)
    expect(isAllowed(edge('src-main/restore/plan.ts', 'src-main/handset/handset.ts'))).toBe(false)
    expect(isAllowed(edge('src-renderer/App.vue', 'src-main/workbench.ts'))).toBe(false)
    expect(cycles([edge('a', 'b'), edge('b', 'c'), edge('c', 'a')])).toEqual(['a -> b -> c -> a'])
  })
})

/** One way round for each file that can reach itself. */
function cycles(among: readonly ImportEdge[]): string[] {
  const targets = Map.groupBy(among, edge => edge.from)
  const finished = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) {
      found.push([...path.slice(start), file].join(' -> '))
      return
    }
    if (finished.has(file)) return
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file])
    finished.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return found
}
