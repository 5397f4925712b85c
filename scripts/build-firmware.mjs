// Builds the firmware images of resources/firmware with Debian's gcc-arm-none-eabi.
//
//   node scripts/build-firmware.mjs            builds all and writes them beside their sources
//   node scripts/build-firmware.mjs --check    builds all and says how they differ from those
//   node scripts/build-firmware.mjs --out DIR  builds into DIR and keeps the ELF files there
//   … --only FILE                              builds this one of them, such as k1-2.0.0
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { crc32 } from 'node:zlib'
import { writeAssets } from '../resources/firmware/build/write-assets.mjs'

const home = resolve(import.meta.dirname, '../resources/firmware')
const RELEASES = [
  { version: '1.0.0', note: 'The software that the handset is sold with.' },
  {
    version: '1.1.0',
    note: 'A point release: names are found by several keys, the date has its year.',
  },
  { version: '2.0.0', note: 'A new home screen, a menu of icons, calendar, life and settings.' },
  {
    version: '2.0.1',
    label: 'self-test-fails',
    note: 'Builds like any other and fails its self-test: its calendar got a leap year wrong.',
  },
]
/** In the order of the list; of a model's releases each follows the one before. */
const IMAGES = ['k1', 'k2'].flatMap(model =>
  RELEASES.map(release => ({
    ...release,
    model,
    name: `${model}-${release.label ?? release.version}`,
  })),
)

const FLAGS = `
  -mcpu=cortex-m0plus -mthumb -O2 -std=gnu11 -g0 -pipe
  -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes
  -ffreestanding -fno-common -ffunction-sections -fdata-sections
  -nostdlib -Wl,--gc-sections -Wl,--build-id=none -Wl,--fatal-warnings
`
  .trim()
  .split(/\s+/)
const DESCRIPTOR_OFFSET = 0x40
const LENGTH_OFFSET = DESCRIPTOR_OFFSET + 48
const CRC_OFFSET = DESCRIPTOR_OFFSET + 52

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, out: { type: 'string' }, only: { type: 'string' } },
})

if (values.only && !values.out) throw new Error('--only needs --out')
if (values.only && !IMAGES.some(({ name }) => name === values.only)) {
  throw new Error(`--only takes one of ${IMAGES.map(({ name }) => name).join(', ')}`)
}
if (values.check) check()
else buildAll(resolve(values.out ?? home), { keepElf: values.out !== undefined })

function check() {
  const folder = mkdtempSync(join(tmpdir(), 'firmware-'))
  try {
    const names = [...buildAll(folder, { keepElf: false }), 'firmware.json']
    const differing = names.flatMap(name => difference(name, folder))
    for (const line of differing) process.stderr.write(`${line}\n`)
    if (differing.length > 0) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function difference(name, folder) {
  const built = readFileSync(join(folder, name))
  const committed = readOr(join(home, name))
  if (!committed) return [`${name} is missing`]
  if (built.equals(committed)) return []
  const at = built.findIndex((byte, index) => byte !== committed[index])
  const place = at < 0 ? Math.min(built.length, committed.length) : at
  return [
    `${name} differs from its sources from offset 0x${place.toString(16)} on: ` +
      `${committed.length} bytes are there, ${built.length} were built`,
  ]
}

function readOr(path) {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** The names of the images it wrote. */
function buildAll(folder, { keepElf }) {
  mkdirSync(folder, { recursive: true })
  const wanted = IMAGES.filter(({ name }) => (values.only ?? name) === name)
  const list = wanted.map(({ model, version, name, note }) => {
    const file = `${name}.bin`
    const image = build({ model, version, elfPath: keepElf && join(folder, `${name}.elf`) })
    writeFileSync(join(folder, file), image)
    const sha256 = createHash('sha256').update(image).digest('hex')
    return {
      file,
      version,
      name: `kintsugi-${model}`,
      model,
      bytes: image.length,
      sha256,
      note,
    }
  })
  writeFileSync(join(folder, 'firmware.json'), `${JSON.stringify(list, undefined, 2)}\n`)
  for (const { file, bytes } of list) process.stdout.write(`${file} ${bytes} bytes\n`)
  return list.map(({ file }) => file)
}

function build({ model, version, elfPath }) {
  const folder = mkdtempSync(join(tmpdir(), 'firmware-'))
  try {
    writeAssets({ assets: join(home, 'assets'), folder, version })
    const elf = elfPath || join(folder, 'image.elf')
    const binary = join(folder, 'image.bin')
    compile({ folder, model, version, elf })
    execFileSync('arm-none-eabi-objcopy', ['-O', 'binary', '--gap-fill', '0xff', elf, binary])
    return withDescriptor(readFileSync(binary))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compile({ folder, model, version, elf }) {
  const source = join(home, 'src')
  const files = readdirSync(source).filter(name => name.endsWith('.c'))
  const [major, minor, revision] = version.split('.')
  const { address, bytes } = executableRegion(model)
  const defines = [
    `-DVERSION_MAJOR=${major}`,
    `-DVERSION_MINOR=${minor}`,
    `-DVERSION_REVISION=${revision}`,
    `-DMODEL="${model}"`,
    `-DEXECUTABLE_REGION=${address}u`,
    `-DEXECUTABLE_BYTES=${bytes}u`,
  ]
  const symbols = [
    `-Wl,--defsym=executable_address=${address}`,
    `-Wl,--defsym=executable_bytes=${bytes}`,
  ]
  const sources = [
    ...files.toSorted().map(name => join(source, name)),
    join(folder, 'assets.c'),
    '-lgcc',
  ]
  const places = [`-I${source}`, `-I${folder}`, '-T', join(source, 'firmware.ld'), '-o', elf]
  execFileSync('arm-none-eabi-gcc', [...FLAGS, ...defines, ...symbols, ...places, ...sources], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/** Where a model's software lies as the CPU sees it, and how long it may be. */
function executableRegion(model) {
  const file = join(home, '../handsets', `${model}.json`)
  const { execution, regions } = JSON.parse(readFileSync(file, 'utf8'))
  const region = regions.find(({ name }) => name === 'executable')
  const address = Number(execution.windowAddress) + Number(region.address)
  return { address: `0x${address.toString(16)}`, bytes: region.bytes }
}

/** Fills in the image's length and CRC-32, which leaves out its own four bytes. */
function withDescriptor(image) {
  image.writeUInt32LE(image.length, LENGTH_OFFSET)
  const before = crc32(image.subarray(0, CRC_OFFSET))
  image.writeUInt32LE(crc32(image.subarray(CRC_OFFSET + 4), before), CRC_OFFSET)
  return image
}
