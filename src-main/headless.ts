import process from 'node:process'

// The Node host: `serve`, under a name of its own for launchers.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

// The database's native part ends older versions without a word, so nothing that loads it may be
// imported before this check.
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`Kintsugi needs Node 22.12 or newer; this is ${process.versions.node}.\n`)
  process.exit(2)
}
process.argv.splice(2, 0, 'serve')
await import('./cli/main')
