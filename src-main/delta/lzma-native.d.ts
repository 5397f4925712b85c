// The part of lzma-native that is used; the package brings no types.
declare module 'lzma-native' {
  import type { Transform } from 'node:stream'

  interface Lzma1Filter {
    readonly id: string
    readonly options: Readonly<Record<string, number>>
  }
  interface Lzma {
    readonly FILTER_LZMA1: string
    readonly MODE_NORMAL: number
    readonly MODE_FAST: number
    readonly MF_BT4: number
    readonly MF_HC4: number
    createStream(
      coder: 'rawEncoder',
      options: { readonly synchronous: boolean; readonly filters: readonly Lzma1Filter[] },
    ): Transform
  }
  const lzma: Lzma
  export default lzma
}
