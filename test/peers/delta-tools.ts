import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pair } from '../delta/pairs'
import { peer, type PeerName } from '../support/peers'

interface Tool {
  readonly name: string
  readonly program: PeerName
  arguments(old: string, fresh: string, output: string): readonly string[]
}

/** Other people's makers of differential files, all of which need room for both images. */
export const DELTA_TOOLS: readonly Tool[] = [
  { name: 'bsdiff', program: 'bsdiff', arguments: (old, fresh, output) => [old, fresh, output] },
  {
    name: 'xdelta3 -9',
    program: 'xdelta3',
    arguments: (old, fresh, output) => ['-9', '-f', '-e', '-s', old, fresh, output],
  },
  {
    name: 'zstd -19 --patch-from',
    program: 'zstd',
    arguments: (old, fresh, output) => [
      '-q',
      '-f',
      '-19',
      `--patch-from=${old}`,
      fresh,
      '-o',
      output,
    ],
  },
]

export interface ToolResult {
  readonly bytes: number
  readonly seconds: number
}

/** What a tool makes of a pair; undefined where it is not installed. */
export function askTool(tool: Tool, { old, fresh }: Pair): ToolResult | undefined {
  const program = peer(tool.program)
  if (!program) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-delta-'))
  try {
    const [oldPath, newPath, output] = ['old', 'new', 'out'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(oldPath, old)
    writeFileSync(newPath, fresh)
    const startedAt = performance.now()
    execFileSync(program, tool.arguments(oldPath, newPath, output), { stdio: 'pipe' })
    return { bytes: statSync(output).size, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
