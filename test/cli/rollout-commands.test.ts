import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Customer, Rollout } from '../../src-main/contract/rollouts'
import type { Vendor, VendorRelease } from '../../src-main/contract/vendor'
import { KintsugiProcess, run, scratchFolder } from '../story/kintsugi'

const HEADER = 'deviceId,ipAddress,password,vendorName,managerName,managerEmail'
const FIGURE_9 = [
  `${HEADER},updateManagement,deviceClass`,
  'ABC-123,10.1.23.4,98-76-54,Vendor A,Minato-ku K.K.,minato@shiba.co.jp,update,pc',
  'XYZ-987,20.3.98.6,10-20-30,Vendor B,Shinjuku K.K.,shinjuku@kabuki.co.jp,do not update,pc',
].join('\r\n')

describe('a carrier, its vendors and its customers by commands', () => {
  const scratch = scratchFolder()
  const data = scratch.file('data')
  let serve: KintsugiProcess
  beforeAll(async () => {
    mkdirSync(data)
    serve = new KintsugiProcess('serve', '--no-open', '--port', '0', '--data', data)
    await serve.line(/^ready http/)
  })
  afterAll(async () => {
    await serve.stop()
    scratch.remove()
  })

  /** What a command answers with `--json`. */
  async function told(...words: string[]): Promise<unknown> {
    const { stdout, stderr, exitCode } = await run(...words, '--data', data, '--json')
    if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${exitCode}: ${stderr}`)
    return JSON.parse(stdout) as unknown
  }

  async function refused(...words: string[]): Promise<{ code: unknown; exitCode: number | null }> {
    const { stdout, exitCode } = await run(...words, '--data', data, '--json')
    const { error } = JSON.parse(stdout) as { error: { code: unknown } }
    return { code: error.code, exitCode }
  }

  function file(name: string, content: string): string {
    const path = scratch.file(name)
    writeFileSync(path, content)
    return path
  }

  test('the printed table comes in from a file and is read back column by column [S1-02]', async () => {
    const table = file('figure-9.csv', FIGURE_9)
    expect(await told('carrier', 'customers', 'import', table)).toMatchObject({ entered: 2 })
    expect(await told('carrier', 'customers', 'import', table)).toMatchObject({ replaced: 2 })
    const { rows } = (await told('carrier', 'customers', 'list')) as { rows: Customer[] }
    expect(rows).toMatchObject([
      {
        deviceId: 'ABC-123',
        ipAddress: '10.1.23.4',
        password: '98-76-54',
        vendorName: 'Vendor A',
        managerName: 'Minato-ku K.K.',
        managerEmail: 'minato@shiba.co.jp',
        updateManagement: 'update',
      },
      {
        deviceId: 'XYZ-987',
        ipAddress: '20.3.98.6',
        password: '10-20-30',
        vendorName: 'Vendor B',
        managerName: 'Shinjuku K.K.',
        managerEmail: 'shinjuku@kabuki.co.jp',
        updateManagement: 'do-not-update',
      },
    ])
    const wrong = file('wrong.csv', `${FIGURE_9.replaceAll('-', '+')}\r\n`)
    expect(await refused('carrier', 'customers', 'import', wrong)).toEqual({
      code: 'CSV_UNFIT',
      exitCode: 2,
    })
    await told('carrier', 'customers', 'remove', 'XYZ-987')
    expect(await told('carrier', 'customers', 'list')).toMatchObject({ total: 1 })
  })

  test('a release goes from its registration to the paid bill without a console [S1-18] [S1-19] [S1-68]', async () => {
    await told('carrier', 'customers', 'import', file('customers.csv', FIGURE_9))
    const place = ['--ip', '10.1.23.4', '--password', '98-76-54']
    await told('network', 'add', 'ABC-123', ...place, '--software', 'tool@1.0')
    const { address } = (await told('vendor', 'create', 'Vendor A')) as Vendor
    const password = `@${file('password', 'the-secret-of-the-carrier\n')}`
    await told('vendor', 'accessor', 'Vendor A', 'carrier', '--password', password)
    await told('vendor', 'carrier', 'Vendor A', '--password', 'of-the-vendor')
    const reach = ['--database', address, '--accessor', 'carrier']
    const secrets = ['--accessor-password', password, '--vendor-password', 'of-the-vendor']
    await told('carrier', 'vendors', 'set', 'Vendor A', ...reach, ...secrets)
    await told('carrier', 'rollouts', 'defaults', '--window', 'none', '--payment-days', '14')
    const software = file('tool.bin', 'the second tool')
    const described = ['--package', 'tool@2.0', '--price', '500']
    const release = (await told(
      'vendor',
      'register',
      'Vendor A',
      software,
      ...described,
    )) as VendorRelease
    await told('vendor', 'notify', 'Vendor A', String(release.id))
    const shown = async () =>
      ((await told('carrier', 'rollouts', 'show', '1')) as { rollout: Rollout }).rollout.tasks
    await expect.poll(shown).toEqual({ invoiced: 1 })
    const mails = (await told('mail', 'list', '--address', 'minato@shiba.co.jp')) as unknown[]
    expect(mails).toHaveLength(1)
    const { stdout: text } = await run('mail', 'show', '1', '--data', data)
    for (const fact of ['001-0000001', '500 JPY', 'R1-ABC-123', 'Please pay']) {
      expect(text).toContain(fact)
    }
    expect(await refused('settlement', 'pay', 'R1-ABC-123', '499')).toEqual({
      code: 'PAYMENT_UNFIT',
      exitCode: 2,
    })
    expect(await told('settlement', 'pay', 'R1-ABC-123', '500')).toMatchObject({ state: 'paid' })
    await expect.poll(shown).toEqual({ paid: 1 })
    expect(await told('settlement', 'account')).toMatchObject({ balance: 500, owner: 'carrier' })
    expect(await told('network', 'list')).toMatchObject([
      { deviceId: 'ABC-123', software: { name: 'tool', version: '2.0' } },
    ])
  })

  test.each([
    [['settlement', 'pay', 'R1-X', 'all']],
    [['carrier', 'rollouts', 'show', 'first']],
    [['carrier', 'rollouts', 'defaults', '--window', 'night']],
    [['carrier', 'rollouts', 'defaults', '--trial', 'perhaps']],
    [['carrier', 'rollouts', 'answer', '1', 'ABC-123', 'perhaps']],
    [['vendor', 'register', 'Vendor A', '/nowhere', '--package', 'no-version']],
    [['vendor', 'register', 'Vendor A', '/nowhere', '--trial-answer', 'pong']],
    [['network', 'add', 'PC-1', '--ip', '10.0.0.1', '--password', 'x', '--class', 'handset']],
    [['mail', 'list', '--limit', 'all']],
  ])('%j is bad usage', async words => {
    expect(await refused(...words)).toEqual({ code: 'USAGE', exitCode: 2 })
  })

  test('without a workbench that runs every one of them says so', async () => {
    for (const words of [
      ['mail', 'list'],
      ['settlement', 'account'],
      ['vendor', 'list'],
    ]) {
      const { stdout, exitCode } = await run(...words, '--data', '/nowhere', '--json')
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_WORKBENCH' } })
      expect(exitCode).toBe(2)
    }
  })
})
