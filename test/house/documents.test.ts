import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { read, root } from './source-tree'

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
]

test.each(documents)('%s names only files that exist', document => {
  const text = read(document)
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(match =>
    join(dirname(document), match[1] ?? ''),
  )
  const paths = [
    ...text.matchAll(
      /`((?:src-main|src-renderer|src-preload|resources|test|docs|scripts)\/[^`\s*<>…{}]*)`/g,
    ),
  ]
  const named = [...links, ...paths.map(match => match[1] ?? '')]
  expect(named.filter(path => !existsSync(join(root, path)))).toEqual([])
})

test('the coverage page is what the tests say', () => {
  const check = () =>
    execFileSync(process.execPath, [join(root, 'scripts/coverage.mjs'), '--check'])
  expect(check).not.toThrow()
})
