import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { regionOf } from '../../src-main/handset/model/model'
import { FLASH_FAULTS } from '../../src-main/handset/flash/flash-faults'
import { builtInSoftware } from '../../src-main/handset/service/built-in-software'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import type { ByteLink } from '../../src-main/link/byte-link'
import { openTcp } from '../../src-main/link/tcp-link'
import { ConsoleParser, encodeConsole } from '../../src-main/wire/smp/console'
import { ImageCommand, SmpGroup, SmpOp } from '../../src-main/wire/smp/constants'
import {
  decodePacket,
  encodePacket,
  type SmpPacket,
  type SmpPayload,
} from '../../src-main/wire/smp/packet'
import { plausibleImage, uploadPacket } from './small-handset'

const kintsugi = resolve(import.meta.dirname, '../../scripts/kintsugi.mjs')
const executable = regionOf(modelNamed('k1'), 'executable')

let folder = ''
let running: HandsetProcess[] = []
// What this prints, a build before it for example, is none of the command's output.
beforeAll(() => void execFileSync(process.execPath, [kintsugi, '--version'], { stdio: 'pipe' }))
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kintsugi-handset-'))))
afterEach(() => {
  for (const handset of running) handset.kill()
  running = []
  rmSync(folder, { recursive: true })
})

/** `kintsugi handset run`, with what it prints. */
class HandsetProcess {
  stdout = ''
  stderr = ''
  readonly #child
  readonly #closed: Promise<unknown[]>

  constructor(...words: string[]) {
    this.#child = spawn(process.execPath, [kintsugi, 'handset', 'run', ...words])
    this.#closed = once(this.#child, 'close')
    this.#child.stdout.setEncoding('utf8').on('data', text => (this.stdout += text))
    this.#child.stderr.setEncoding('utf8').on('data', text => (this.stderr += text))
    running.push(this)
  }

  async prints(stream: 'stdout' | 'stderr', wanted: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = wanted.exec(this[stream])
      if (match) return match
      const isOver = await Promise.race([
        once(this.#child[stream], 'data').then(() => false),
        this.#closed.then(() => true),
      ])
      if (isOver) throw new Error(`It ended without ${String(wanted)}: ${this.stderr}`)
    }
  }

  async connect(): Promise<ByteLink> {
    await this.prints('stdout', /^ready\n/)
    const [, port] = await this.prints('stderr', /is at tcp-listen:127\.0\.0\.1:(\d+)/)
    return openTcp({ host: '127.0.0.1', port: Number(port) })
  }

  terminate(): Promise<unknown> {
    this.#child.kill('SIGTERM')
    return this.ends()
  }

  async ends(): Promise<unknown> {
    const [exitCode] = await this.#closed
    return exitCode
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

const listening = 'tcp-listen:127.0.0.1:0'
const image = plausibleImage(20_000, 6)
// A reset handler inside the executable region of a k1.
image.set([0x09, 0x01, 0x01, 0x10], 0x104)
const firstPiece = uploadPacket({ len: image.length, off: 0, data: image.subarray(0, 800) })

/** One request and its answer. */
async function ask(link: ByteLink, packet: Uint8Array): Promise<SmpPayload> {
  const parser = new ConsoleParser()
  const answer = new Promise<SmpPayload>(resolveAnswer => {
    const stop = link.onData(bytes => {
      for (const item of parser.push(bytes)) {
        if (item.kind !== 'packet') continue
        stop()
        resolveAnswer(decodePacket(item.packet).payload)
      }
    })
  })
  await link.write(encodeConsole(packet))
  return answer
}

const imageState: SmpPacket = {
  op: SmpOp.read,
  version: 0,
  group: SmpGroup.image,
  sequence: 0,
  command: ImageCommand.state,
  payload: {},
}

/** The images that whoever answers lists. */
async function askImages(link: ByteLink): Promise<unknown[]> {
  const { images } = await ask(link, encodePacket(imageState))
  return Array.isArray(images) ? images : []
}

async function upload(link: ByteLink, until = image.length): Promise<SmpPayload> {
  const first = { len: image.length, sha: nodeSha256([image]) }
  let answer = await ask(link, uploadPacket({ ...first, off: 0, data: image.subarray(0, 800) }))
  while (Number(answer['off']) < until) {
    const off = Number(answer['off'])
    answer = await ask(link, uploadPacket({ off, data: image.subarray(off, off + 800) }))
  }
  return answer
}

describe('handset run', () => {
  test('prints ready, is restored by one caller after another, and saves its chip on SIGTERM', async () => {
    const save = join(folder, 'chip.bin')
    const handset = new HandsetProcess(listening, '--bricked', '--save', save)
    const first = await handset.connect()
    await upload(first, 8000)
    await first.close()
    const second = await handset.connect()
    expect(await upload(second)).toEqual({ rc: 0, off: image.length, match: true })
    expect(await handset.terminate()).toBe(0)
    expect(handset.stdout).toBe('ready\n')
    const chip = new Uint8Array(readFileSync(save))
    expect(chip.subarray(executable.address, executable.address + image.length)).toEqual(image)
  })

  test('keeps its chip in one file where that is asked, and who it is', async () => {
    const chip = join(folder, 'chip.bin')
    const files = ['--flash', chip, '--save', chip]
    const made = ['--software', 'none', '--name', 'desk']
    const first = new HandsetProcess(listening, ...files, ...made)
    expect(await upload(await first.connect())).toMatchObject({ match: true })
    expect(await first.terminate()).toBe(0)
    const [terminalId] = await first.prints('stderr', /K1-[0-9A-F]{12}/)
    const again = new HandsetProcess(listening, ...files, '--name', 'other')
    await again.connect()
    expect(again.stderr).toContain(`${terminalId} is at`)
    await again.prints('stderr', /^starting$/m)
    expect(await again.terminate()).toBe(0)
    const refused = new HandsetProcess(listening, ...files, '--software', '1.0.0')
    expect(await refused.ends()).toBe(2)
    expect(refused.stderr).toMatch(
      /chip\.bin is a chip with its own software\. Leave --software out/,
    )
  })

  test.each([
    ['k1', /^K1-[0-9A-F]{12} is at/m],
    ['k2', /^K2-[0-9A-F]{12} is at/m],
  ])('runs built-in software of the %s: its states are told', async (model, greeting) => {
    const handset = new HandsetProcess(listening, '--model', model, '--software', '1.1.0')
    const link = await handset.connect()
    expect(handset.stderr).toMatch(greeting)
    await handset.prints('stderr', /^normal$/m)
    expect(handset.stderr).toMatch(/^starting$/m)
    expect(handset.stdout).toBe('ready\n')
    const [state] = await askImages(link)
    expect(state).toMatchObject({ version: '1.1.0', active: true })
    expect(await handset.terminate()).toBe(0)
  })

  test('holds the software of a file where one is named', async () => {
    const [file, save] = [join(folder, 'own.bin'), join(folder, 'chip.bin')]
    writeFileSync(file, image)
    const handset = new HandsetProcess(listening, '--software', file, '--save', save)
    await handset.prints('stdout', /^ready\n/)
    expect(await handset.terminate()).toBe(0)
    const chip = new Uint8Array(readFileSync(save))
    expect(chip.subarray(executable.address, executable.address + image.length)).toEqual(image)
    writeFileSync(file, new Uint8Array(executable.bytes + 1))
    const refused = new HandsetProcess(listening, '--software', file, '--save', save)
    expect(await refused.ends()).toBe(2)
    expect(refused.stderr).toMatch(/1572865 bytes, the executable region of a k1 1572864\.\n$/)
  })

  test('says that its power was cut, and is switched on again where that is asked', async () => {
    const faults = ['--fault', 'flash:power-cut@3', '--fault', 'flash:torn@7']
    const handset = new HandsetProcess(listening, '--bricked', '--power-cycle', ...faults)
    const link = await handset.connect()
    for (const [index, operation] of [3, 7].entries()) {
      await link.write(encodeConsole(firstPiece))
      await handset.prints('stderr', new RegExp(`off \\(power cut at flash operation ${operation}`))
      const again = `(off[^]*restore-wait \\(journal-open\\)[^]*){${index + 1}}`
      await handset.prints('stderr', new RegExp(again))
    }
    expect(await upload(link)).toMatchObject({ match: true })
    expect(await handset.terminate()).toBe(0)
  })

  test.each<[string, string[], RegExp]>([
    [
      'a protocol it does not speak',
      [listening, '--protocol', 'ymodem'],
      /speaks smp, not "ymodem"/,
    ],
    ['an encoding that is none', [listening, '--encoding', 'auto'], /write console, raw\./],
    ['a model that is none', [listening, '--model', 'k9'], /no handset model "k9"/],
    ['a fault that is none', [listening, '--fault', 'flash'], /"flash" is no fault/],
    ['a fault of something else', [listening, '--fault', 'radio:cut@1'], /no fault radio:cut@1/],
    ['a seed that is none', [listening, '--seed', '4294967296'], /--seed 4294967296/],
    ['a name that is none', [listening, '--name', 'two words'], /--name two words/],
    ['a flash that is none', [listening, '--flash', kintsugi], /the file has \d+\.$/m],
    [
      'a fault whose number is too large',
      [listening, '--fault', 'flash:disturb@1,bits=9'],
      /bits=9/,
    ],
    ['a version that is none', [listening, '--software', '9.9.9'], /There is: 1\.0\.0, /],
    ['software that is no file', [listening, '--software', 'nothing.bin'], /no file nothing\.bin/],
    ['a link that is none', ['usb:1'], /"usb:1" is no link/],
    ['a handset for a line', ['virtual:bench'], /of a workbench/],
  ])('refuses %s with exit code 2 and one line', async (_what, words, reason) => {
    const handset = new HandsetProcess(...words)
    expect(await handset.ends()).toBe(2)
    expect(handset.stderr).toMatch(reason)
    expect(handset.stderr.trim().split('\n').length).toBe(1)
    expect(handset.stdout).toBe('')
  })

  test.each([
    [
      '--save',
      ['nowhere', 'chip.bin'],
      /chip\.bin: there is no such place\. Name another file\.\n$/,
    ],
    [
      '--flash',
      ['nowhere', 'chip.bin'],
      /chip\.bin: there is no such place\. Name another file\.\n$/,
    ],
    ['--save', [], /: something that is no file has that name\. Name another file\.\n$/],
  ])('%s %j is refused before it is ready', async (option, steps, reason) => {
    const handset = new HandsetProcess(listening, option, join(folder, ...steps))
    expect(await handset.ends()).toBe(2)
    expect(handset.stderr).toMatch(reason)
    expect(handset.stdout).toBe('')
    expect(readdirSync(folder)).toEqual([])
  })

  test('a chip that can no longer be written at the end is a failure, told in one line', async () => {
    const gone = join(folder, 'gone')
    mkdirSync(gone)
    const handset = new HandsetProcess(listening, '--save', join(gone, 'chip.bin'))
    await handset.prints('stdout', /^ready\n/)
    rmSync(gone, { recursive: true })
    await handset.terminate()
    expect(handset.stderr).toContain('The chip cannot be written to')
  })

  test('at a line that nobody has fails with exit code 1', async () => {
    const handset = new HandsetProcess(`serial:${join(folder, 'nowhere')}`)
    expect(await handset.ends()).toBe(1)
    expect(handset.stderr).toContain('There is no port')
  })
})

describe('handset', () => {
  function print(...words: string[]): string {
    return execFileSync(process.execPath, [kintsugi, 'handset', ...words], { encoding: 'utf8' })
  }

  test('firmware lists the built-in software as a table and as JSON', () => {
    const [head, first] = print('firmware').split('\n')
    expect(head).toMatch(/^version +model +name +bytes +SHA-256 +note$/)
    expect(first).toMatch(/^1\.0\.0 +k1 +\S+ +\d+ +[0-9a-f]{16} +\S/)
    const list: unknown = JSON.parse(print('firmware', '--json'))
    expect(list).toEqual(builtInSoftware.list())
  })

  test('run --list-faults prints every fault with its parameters and runs nothing', () => {
    const text = print('run', '--list-faults')
    for (const { kind } of FLASH_FAULTS) expect(text).toContain(`flash:${kind}@N  `)
    expect(text).toMatch(/^ {4},bits=0…4 +how many flip$/m)
    expect(text).not.toContain('ready')
  })

  test('run without a link is bad usage', async () => {
    const handset = new HandsetProcess()
    expect(await handset.ends()).toBe(2)
    expect(handset.stderr).toContain("missing required argument 'link'")
  })
})
