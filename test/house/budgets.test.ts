import { expect, test } from 'vitest'
import { read, sourceFiles } from './source-tree'

const FILE_LINES_MAX = 400
const COMPONENT_LINES_MAX = 250
const VAGUE_NAMES = /(^|\/)(utils?|helpers?|common|manager|misc)(\.|\/)/

const sources = sourceFiles('src-main', 'src-preload', 'src-renderer', 'test', 'scripts')

test('no file is longer than its budget', () => {
  const long = sources
    .filter(file => !file.startsWith('test/fixtures/'))
    .map(file => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(
      ({ file, lines }) => lines > (file.endsWith('.vue') ? COMPONENT_LINES_MAX : FILE_LINES_MAX),
    )
  expect(long).toEqual([])
})

test('no file has a name that says nothing', () => {
  expect(sources.filter(file => VAGUE_NAMES.test(file))).toEqual([])
})

test('no unfinished marks and no silenced checks are in product code', () => {
  // The type `any` is the linter's to find, which knows it from the word.
  const marks = /\b(TODO|FIXME|XXX|HACK)\b|@ts-ignore|@ts-expect-error|(eslint|oxlint)-disable/
  const product = sources.filter(file => file.startsWith('src-'))
  const marked = product.flatMap(file =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (marks.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  )
  expect(marked).toEqual([])
})
