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
  /** Of CPU. */
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
    const words = [program, ...tool.arguments(oldPath, newPath, output)]
    const script = '"$@" >/dev/null 2>&1 && times'
    const times = execFileSync('/bin/sh', ['-c', script, 'sh', ...words], { encoding: 'utf8' })
    return { bytes: statSync(output).size, seconds: childSeconds(times) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the shell says of its children in its second line: user and system time as `0m0.010s`. */
function childSeconds(times: string): number {
  const [, children = ''] = times.split('\n')
  const parts = [...children.matchAll(/(\d+)m([\d.,]+)s/g)]
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds?.replace(',', '.')),
    0,
  )
}
