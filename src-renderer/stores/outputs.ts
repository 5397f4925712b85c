import { defineStore } from 'pinia'
import { shallowReactive, watch } from 'vue'
import { concatBytes } from '../../src-main/base/bytes'
import { OUTPUT_BYTES_MAX } from '../../src-main/contract/constants'
import { bytesOf } from '../rpc/base64'
import { useConnection } from '../rpc/connection'
import { problemOf, type Problem } from '../rpc/problem'
import { useHandsets } from './handsets'

/** What a handset sent on its line, as far as it is kept. */
export interface HandsetOutput {
  /** Count of the first byte that is kept, since the handset was made. */
  readonly from: number
  readonly bytes: Uint8Array
  readonly problem: Problem | null
}

const NOTHING: HandsetOutput = { from: 0, bytes: new Uint8Array(0), problem: null }

/** Output of the handsets whose terminal was opened: what was, then what comes. */
export const useOutputs = defineStore('outputs', () => {
  const connection = useConnection()
  const handsets = useHandsets()
  const outputs = shallowReactive(new Map<string, HandsetOutput>())
  /** By handset that is being loaded: the end of the newest bytes that an event told of meanwhile. */
  const loading = new Map<string, number>()

  /** Loads what is kept of a handset's output. Nothing is done where it is there already. */
  function open(name: string): void {
    if (!outputs.has(name)) void load(name)
  }

  async function load(name: string): Promise<void> {
    if (loading.has(name)) return
    loading.set(name, 0)
    try {
      const { from, next, bytes } = await handsets.output(name, 0)
      outputs.set(name, { from, bytes: bytesOf(bytes), problem: null })
      const told = loading.get(name) ?? 0
      loading.delete(name)
      if (told > next) await load(name)
    } catch (error) {
      loading.delete(name)
      outputs.set(name, { ...(outputs.get(name) ?? NOTHING), problem: problemOf(error) })
    }
  }

  /** Takes the bytes of an event. Where some are missing before them, all are asked for again. */
  function append(name: string, from: number, base64: string): void {
    const added = bytesOf(base64)
    if (loading.has(name)) return void loading.set(name, from + added.length)
    const known = outputs.get(name)
    if (!known) return
    const next = known.from + known.bytes.length
    if (from > next || known.problem) return void load(name)
    const joined = concatBytes([known.bytes, added.subarray(next - from)])
    const bytes = joined.slice(-OUTPUT_BYTES_MAX)
    outputs.set(name, { from: known.from + joined.length - bytes.length, bytes, problem: null })
  }

  watch(
    () => connection.isConnected,
    isConnected => {
      if (isConnected) for (const name of outputs.keys()) void load(name)
    },
  )

  return { outputs, open, append, drop: (name: string) => void outputs.delete(name) }
})
