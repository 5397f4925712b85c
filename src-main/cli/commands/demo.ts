import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import { createWorkbench } from '../../workbench'
import { type CommandContext, type Outcome, runCommand } from '../cli'
import { type FlagshipEnd, playFlagship } from '../demo/flagship'
import { Stage, type Told } from '../demo/stage'
import { TIME_ZONE } from '../demo/cast'

interface Options {
  readonly seed: string
  readonly json?: boolean
}

const NOTES = `
Everything is real but the time, which is virtual: servers on ports of their own, HTTP and mail
between them, handsets that execute their firmware. Nothing is kept.`

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Tells the flagship story as it happens, from a release to a paid bill')
    .addHelpText('after', NOTES)
    .option('--seed <number>', 'the same seed tells the same story', '1')
    .option('--json', 'one JSON document on stdout')
    .action((options: Options) => runCommand(options, context => demo(options, context)))
}

async function demo({ seed: given, json }: Options, context: CommandContext): Promise<Outcome> {
  const seed = readSeed(given)
  const began = performance.now()
  const story: Told[] = []
  const workbench = await createWorkbench({ clock: 'virtual', seed })
  const tell = (told: Told) => {
    story.push(told)
    if (json !== true) process.stdout.write(`${line(told)}\n`)
  }
  let end: FlagshipEnd
  try {
    end = await playFlagship(new Stage({ workbench, tell, signal: context.signal }), seed)
  } finally {
    await workbench.close()
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const [first, last] = [story[0]?.at ?? 0, story.at(-1)?.at ?? 0]
  const hours = Math.round((last - first) / 3_600_000)
  return {
    json: { seed, story, end, seconds },
    text: `The end: ${hours} hours of the story in ${seconds} seconds, seed ${seed}.`,
    exitCode: 0,
  }
}

function readSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (seed <= 0xffff_ffff) return seed
  throw new CodedError('USAGE', `--seed "${text}" is no number from 0 to 4294967295.`)
}

function line({ at, step, text }: Told): string {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: TIME_ZONE,
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
  return `${time}  ${step.padEnd(10)}  ${text}`
}
