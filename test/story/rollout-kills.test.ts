import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWorkbench, type Workbench } from '../../src-main/api'
import { type ChildOrder, DEVICES } from './rollout-in-child'

const CHILD = resolve(import.meta.dirname, 'rollout-in-child.ts')
/** Of the messages of a whole rollout every so many-th is the last one before a kill. */
const EVERY = 6

interface Outcome {
  readonly messages: number
  readonly invoices: readonly string[]
  readonly mails: readonly string[]
  readonly rollouts: number
  readonly releases: number
}

/** Undefined where it was killed. */
function rollOutInChild(order: ChildOrder): Promise<Outcome | undefined> {
  const program = `import('vite').then(async ({ runnerImport }) => {
    const { module } = await runnerImport(${JSON.stringify(CHILD)}, { configFile: false, logLevel: 'error' })
    await module.rollOut(${JSON.stringify(order)})
    process.exit(0)
  })`
  return new Promise((done, fail) => {
    execFile(process.execPath, ['-e', program], (error, stdout, stderr) => {
      if (error?.signal === 'SIGKILL') done(undefined)
      else if (error) fail(new Error(stderr, { cause: error }))
      else done(JSON.parse(stdout) as Outcome)
    })
  })
}

/** Devices that outlive the carrier. */
async function devices(): Promise<{ network: Workbench['network']; address: string }> {
  const workbench = await createWorkbench()
  onTestFinished(() => workbench.close())
  const { network } = workbench
  for (const [index, ipAddress] of DEVICES.entries()) {
    await network.addDevice({
      deviceId: `IT-${index}`,
      ipAddress,
      password: 'password',
      deviceClass: 'information-terminal',
      software: { name: 'terminal', version: '1.0.0' },
    })
  }
  return { network, address: (await network.server()).address }
}

async function installed(network: Workbench['network']): Promise<(string | undefined)[]> {
  return (await network.devices()).map(({ software }) => software?.version)
}

test('kill -9 between any two messages of a rollout: nothing is lost, nothing doubled, bills equal downloads [S1-17] [S1-63]', async () => {
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'kintsugi-rollout-'))
    onTestFinished(() => rmSync(made, { recursive: true, force: true }))
    return made
  }
  const whole = await devices()
  const undisturbed = await rollOutInChild({
    dataDir: folder(),
    network: whole.address,
    killAt: 0,
  })
  expect(undisturbed?.messages).toBeGreaterThan(20)
  for (let killAt = 1; killAt <= (undisturbed?.messages ?? 0); killAt += EVERY) {
    const { network, address } = await devices()
    const order = { dataDir: folder(), network: address }
    expect({ killAt, killed: await rollOutInChild({ ...order, killAt }) }).toEqual({ killAt })
    const outcome = await rollOutInChild({ ...order, killAt: 0 })
    expect({ killAt, ...outcome, versions: await installed(network) }).toEqual({
      killAt,
      messages: expect.any(Number),
      invoices: expect.toSatisfy((ids: string[]) => ids.toSorted().join() === 'R1-IT-1,R1-IT-2'),
      mails: expect.toSatisfy(
        (to: string[]) => to.toSorted().join() === 'm-1@example.com,m-2@example.com',
      ),
      rollouts: 1,
      releases: 1,
      versions: ['2.0.0', '2.0.0', '2.0.0'],
    })
  }
})
