// Writes docs/coverage.md: which test proves which requirement. A test proves the rows that its
// name ends with: test('… [S0-33]'). `--check` writes nothing and fails where the page is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'docs/coverage.md')

const NOT_YET = {
  'S1-03':
    'messages in the trace name the actors; the address at which the carrier listens is told apart from them',
  S2: 'the delivery of programs to the UIM is not built yet',
  S3: 'management messages bound to a UIM are not built yet',
  S4: 'the program server is not built yet',
}

function whyNotYet(id) {
  const reason = NOT_YET[id] ?? NOT_YET[id.slice(0, 2)]
  if (!reason) throw new Error(`${id} is proved by no test, and nothing says why.`)
  return reason
}

function requirements() {
  const [, ...lines] = readFileSync(join(root, 'docs/requirements.tsv'), 'utf8').trim().split('\n')
  return lines.map(line => {
    const [id, tag, text] = line.split('\t')
    return { id, tag, text }
  })
}

function testFiles() {
  return readdirSync(join(root, 'test'), { recursive: true })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => join('test', name).replaceAll('\\', '/'))
    .toSorted()
}

/** The name of the test that a call declares; undefined for every other call. */
function testName(node) {
  if (!ts.isCallExpression(node)) return undefined
  const [title] = node.arguments
  if (!title || !(ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) return undefined
  const callee = node.expression.getText()
  if (!/^(test|it)\b/.test(callee)) return undefined
  return ts.isStringLiteralLike(title) ? title.text : title.getText().slice(1, -1)
}

function proofs() {
  const found = new Map()
  for (const file of testFiles()) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    )
    const visit = node => {
      const name = testName(node)
      for (const [id] of name?.matchAll(/\bS[0-4]-\d+\b/g) ?? []) {
        const title = name.replace(/(\s*\[[^\]]*\])+$/, '').replaceAll('|', '\\|')
        found.set(id, [...(found.get(id) ?? []), `${file}: ${title}`])
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return found
}

const rows = requirements()
const proved = proofs()
const unknown = [...proved.keys()].filter(id => !rows.some(row => row.id === id))
if (unknown.length > 0) {
  console.error(`Tests name requirements that do not exist: ${unknown.join(', ')}`)
  process.exit(1)
}
const lines = rows.map(({ id }) =>
  proved.has(id)
    ? `| ${id} | proved | ${[...new Set(proved.get(id))].join('; ')} |`
    : `| ${id} | not yet | ${whyNotYet(id)} |`,
)
const text = `# Coverage of the requirements

Written by \`npm run coverage\` from the names of the tests; never edit it by hand. The
requirements themselves are in [requirements.tsv](requirements.tsv).

${rows.filter(({ id }) => proved.has(id)).length} of ${rows.length} requirements are proved by a test.

| requirement | state | where |
|---|---|---|
${lines.join('\n')}
`
if (!process.argv.includes('--check')) {
  writeFileSync(page, text)
} else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/coverage.md is stale; run "npm run coverage" and commit it.')
  process.exit(1)
}
