import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { tokenOf } from '../carrier/ddi/ddi-bench'
import { peer } from '../support/peers'

/** So long an agent runs at most; tests end it earlier. */
const AGENT_SECONDS_MAX = '120'

export interface Signer {
  readonly folder: string
  readonly certificate: string
  readonly key: string
}

function program(name: Parameters<typeof peer>[0]): string {
  return peer(name) ?? name
}

/** Whose signature the agents of a test take. */
export function newSigner(folder: string): Signer {
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650']
  const subject = ['-subj', '/CN=fw-signer', '-addext', 'keyUsage=digitalSignature']
  const files = ['-keyout', key, '-out', certificate, '-addext', 'extendedKeyUsage=emailProtection']
  execFileSync(program('openssl'), [...words, ...subject, ...files], { stdio: 'ignore' })
  return { folder, certificate, key }
}

export interface Package {
  readonly payload: Uint8Array
  /** Where the agent puts the payload. */
  readonly target: string
  /** In place of the payload, after its digest was signed. */
  readonly damaged?: Uint8Array
}

/** A signed update as SWUpdate takes it. */
export function swuPackage(signer: Signer, { payload, target, damaged }: Package): Uint8Array {
  const folder = join(signer.folder, `package-${createHash('sha1').update(target).digest('hex')}`)
  mkdirSync(folder, { recursive: true })
  const sha256 = createHash('sha256').update(payload).digest('hex')
  const file = `{ filename = "payload.bin"; path = "${target}"; sha256 = "${sha256}"; }`
  const described = `version = "2.0.0"; hardware-compatibility: [ "1.0" ]; files: ( ${file} );`
  writeFileSync(join(folder, 'sw-description'), `software = { ${described} }\n`)
  writeFileSync(join(folder, 'payload.bin'), damaged ?? payload)
  const signed = ['cms', '-sign', '-in', 'sw-description', '-out', 'sw-description.sig']
  const by = ['-signer', signer.certificate, '-inkey', signer.key]
  const form = ['-outform', 'DER', '-nosmimecap', '-binary']
  execFileSync(program('openssl'), [...signed, ...by, ...form], { cwd: folder, stdio: 'ignore' })
  const names = 'sw-description\nsw-description.sig\npayload.bin\n'
  return execFileSync(program('cpio'), ['-o', '-H', 'crc'], {
    cwd: folder,
    input: names,
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 256 * 1024 * 1024,
  })
}

export interface Agent {
  readonly deviceId: string
  readonly address: string
  readonly signer: Signer
  /** `-c 2`: the new software has started and says so; `-c 3`: it has failed. */
  readonly arguments?: string
  readonly softwareId?: string
}

/** A running SWUpdate. Its output so far, and its end. */
export function startAgent(agent: Agent) {
  const { deviceId, address, signer, softwareId = 'P100-1.0.0' } = agent
  const folder = join(signer.folder, `agent-${deviceId}`)
  // It opens sockets of its own there.
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'swupdate.cfg')
  const suricatta = `tenant = "DEFAULT"; id = "${deviceId}"; url = "${address}"; targettoken = "${tokenOf(deviceId)}"; retry = 5; retrywait = 1;`
  const identify = `( { name = "model"; value = "P-100"; }, { name = "software_id"; value = "${softwareId}"; } )`
  writeFileSync(
    config,
    `globals : { loglevel = 4; public-key-file = "${signer.certificate}"; bootloader = "none"; };\n` +
      `suricatta : { ${suricatta} };\nidentify : ${identify};\n`,
  )
  const words = ['-k', '2', AGENT_SECONDS_MAX, program('swupdate'), '-f', config, '-H', 'seed:1.0']
  const asked = ['-l', '4', '-u', `-p 1 ${agent.arguments ?? ''}`.trim()]
  const child = spawn('timeout', [...words, ...asked], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder },
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  const ended = new Promise<void>(done => child.once('close', () => done()))
  const stop = async () => {
    // `timeout` leads a group of its own; some agents do not end by themselves.
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL')
    }
    await ended
  }
  onTestFinished(stop)
  return { output: () => output, stop }
}

/** A line to a server that breaks once, after so many bytes of an answer. Answers its address. */
export async function breakingLine(server: string, bytes: number) {
  const port = new URL(server).port
  let isBroken = false
  const proxy = createServer(near => {
    const far = connect(Number(port), '127.0.0.1')
    let passed = 0
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.on('data', chunk => far.write(renamed(chunk, own(), port)))
    far.on('data', chunk => {
      passed += chunk.length
      near.write(renamed(chunk, port, own()))
      if (isBroken || passed < bytes) return
      isBroken = true
      near.destroy()
    })
  })
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
  onTestFinished(() => void proxy.close())
  const own = () => {
    const address = proxy.address()
    return typeof address === 'object' && address !== null ? String(address.port) : ''
  }
  return { address: `http://127.0.0.1:${own()}`, isBroken: () => isBroken }
}

/** The server knows itself by its own port only. Ports have five digits, so nothing moves. */
function renamed(chunk: Buffer, from: string, to: string): Buffer {
  const text = chunk.toString('latin1')
  return Buffer.from(text.replaceAll(`127.0.0.1:${from}`, `127.0.0.1:${to}`), 'latin1')
}

export function installed(target: string): Uint8Array | undefined {
  try {
    return readFileSync(target)
  } catch {
    return undefined
  }
}
