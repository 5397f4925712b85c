import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import { printableText } from '../../base/printable'
import type { Device, Release } from '../../contract/carrier'
import type { Outcome } from '../cli'
import { readImageFile } from '../image-file'
import type { ServedWorkbench } from '../open-workbench'
import { done, served, servedCommand, type ServedOptions, timeText, type Work } from '../served'
import { textTable } from '../text-table'
import { addCustomersCommands } from './customers'
import { addRolloutsCommand } from './rollouts'

const NOTES = `
The carrier is part of a running workbench: start one with "kintsugi serve". Handsets of the same
workbench find it by themselves; others are told its address, which "carrier server" prints.`

export function addCarrierCommand(program: Command): void {
  const carrier = program
    .command('carrier')
    .description("The carrier's software management server")
    .addHelpText('after', NOTES)
  const add = (name: string, what: string) => servedCommand(carrier, name, what)
  add('publish', 'Puts a firmware file into the catalogue of updates')
    .argument('<file>', 'with a software descriptor: it says for which model')
    .action((path: string, options: ServedOptions) => run(options, publish(path)))
  add('releases', 'Lists the catalogue of updates').action((options: ServedOptions) =>
    run(options, releases),
  )
  add('withdraw', 'Hands a release out no more')
    .argument('<id>', 'as the list of releases numbers them')
    .action((id: string, options: ServedOptions) => run(options, withdraw(id)))
  add('devices', 'Lists the handsets that reported themselves').action((options: ServedOptions) =>
    run(options, devices),
  )
  add('server', 'Prints where handsets reach the carrier').action((options: ServedOptions) =>
    run(options, server),
  )
  addCustomersCommands(carrier)
  addRolloutsCommand(carrier)
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'The carrier lives', work)
}

function publish(path: string): Work {
  return async ({ carrier, upload }) => {
    const { name, content } = await readImageFile(path)
    const { digest } = await upload(name, content)
    const release = await carrier.publish({ digest })
    return done(release, `${nameOf(release)} is handed out as release ${release.id}.`)
  }
}

async function releases({ carrier }: ServedWorkbench): Promise<Outcome> {
  const list = await carrier.releases()
  const table = textTable([
    ['release', 'model', 'name', 'version', 'bytes', 'published', 'withdrawn'],
    ...list.map(({ id, model, software, bytes, publishedAt, withdrawnAt }) => [
      String(id),
      model,
      software.name,
      software.version,
      String(bytes),
      timeText(publishedAt),
      withdrawnAt === null ? '' : timeText(withdrawnAt),
    ]),
  ])
  return done(list, list.length === 0 ? 'The catalogue is empty.' : table)
}

function withdraw(text: string): Work {
  const id = Number(text)
  return async ({ carrier }) => {
    if (!/^[1-9]\d{0,14}$/.test(text)) {
      throw new CodedError('USAGE', `A release is named by its number, not "${text}".`)
    }
    const release = await carrier.withdraw({ id })
    return done(release, `${nameOf(release)} is handed out no more.`)
  }
}

async function devices({ carrier }: ServedWorkbench): Promise<Outcome> {
  const list = await carrier.devices()
  const table = textTable([
    ['terminal', 'model', 'software', 'seen', 'update'],
    ...list.map(device => [
      device.terminalId,
      printableText(device.model),
      device.software ? printableText(softwareText(device.software)) : 'unknown',
      timeText(device.lastSeenAt),
      updateText(device),
    ]),
  ])
  return done(list, list.length === 0 ? 'No handset has reported itself.' : table)
}

async function server({ carrier }: ServedWorkbench): Promise<Outcome> {
  const answer = await carrier.server()
  return done(answer, answer.address)
}

function updateText({ update }: Device): string {
  if (!update) return ''
  const { to, kind, fileBytes, state } = update
  return `${softwareText(to)}, ${kind}, ${fileBytes} bytes, ${state}`
}

function nameOf({ model, software }: Release): string {
  return `${softwareText(software)} for ${model}`
}

function softwareText({ name, version }: Release['software']): string {
  return `${name} ${version}`
}
