import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { invoice, payment } from '../../contract/settlement'
import {
  done,
  doneList,
  numberIn,
  served,
  servedCommand,
  type ServedOptions,
  timeText,
  type Work,
  wordIn,
} from '../served'

interface InvoicesOptions extends ServedOptions {
  readonly state?: string
  readonly rollout?: string
  readonly filter: string
  readonly offset: string
  readonly limit: string
}

interface PayOptions extends ServedOptions {
  readonly method: string
  readonly reference?: string
  readonly account?: string
}

const METHODS = payment.shape.method.options
const STATES = invoice.shape.state.options

export function addSettlementCommand(program: Command): void {
  const settlement = program
    .command('settlement')
    .description('The settlement apparatus: invoices, payments, the carrier account')
  servedCommand(settlement, 'invoices', 'Lists invoices, newest first')
    .option('--state <state>', `only ${STATES.join(', ')}`)
    .option('--rollout <id>', 'only of this rollout')
    .option('--filter <words>', 'only with these words in ID, device or manager', '')
    .option('--offset <number>', 'leaves so many out', '0')
    .option('--limit <number>', 'so many at most', '50')
    .action((options: InvoicesOptions) => run(options, invoices(options)))
  servedCommand(settlement, 'pay', 'Pays an invoice, as the manager of a device does')
    .argument('<invoice>', 'its ID, such as R1-ABC-123')
    .argument('<amount>', 'in the smallest unit of its currency')
    .option('--method <method>', METHODS.join(', '), METHODS[0])
    .option('--reference <text>', 'the same reference is the same payment; a new one if left out')
    .option('--account <number>', 'paid into; that of the invoice if left out')
    .action((id: string, amount: string, options: PayOptions) =>
      run(options, pay(id, amount, options)),
    )
  servedCommand(settlement, 'account', "Prints the carrier's account").action(
    (options: ServedOptions) => run(options, account),
  )
  servedCommand(settlement, 'payments', 'Lists payments, newest first')
    .option('--offset <number>', 'leaves so many out', '0')
    .option('--limit <number>', 'so many at most', '50')
    .action((options: InvoicesOptions) => run(options, payments(options)))
  servedCommand(settlement, 'server', 'Prints where the apparatus is reached').action(
    (options: ServedOptions) => run(options, server),
  )
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'The settlement apparatus is', work)
}

function invoices(options: InvoicesOptions): Work {
  const { state, rollout, filter, offset, limit } = options
  return async ({ settlement }) => {
    const page = await settlement.invoices({
      state: state === undefined ? undefined : wordIn(state, STATES, '--state'),
      rolloutId: rollout === undefined ? undefined : numberIn(rollout, '--rollout'),
      filter,
      offset: numberIn(offset, '--offset'),
      limit: numberIn(limit, '--limit'),
    })
    return doneList(page, {
      rows: page.rows,
      empty: 'There is no such invoice.',
      columns: [
        ['invoice', ({ id }) => id],
        ['manager', ({ managerName }) => managerName],
        ['amount', ({ amount, currency }) => `${amount} ${currency}`],
        ['account', ({ account: number }) => number],
        ['due', ({ dueAt }) => timeText(dueAt)],
        ['state', ({ state: now }) => now],
        ['paid', ({ paidAt }) => timeText(paidAt)],
        ['books', ({ ledger }) => ledger],
      ],
    })
  }
}

function pay(invoiceId: string, amount: string, options: PayOptions): Work {
  const { method, reference = randomUUID(), account: into } = options
  return async ({ settlement }) => {
    const paid = await settlement.pay({
      invoiceId,
      amount: numberIn(amount, 'The amount'),
      method: wordIn(method, METHODS, '--method'),
      reference,
      account: into,
    })
    return done(paid, `${paid.amount} ${paid.currency} were paid for ${paid.id}.`)
  }
}

async function account({ settlement }: Parameters<Work>[0]) {
  const answer = await settlement.account()
  const { number, owner, currency, balance, otherBalances, invoices: bills } = answer
  const balances = [{ currency, balance }, ...otherBalances]
  const text = [
    `${number} (${owner})`,
    ...balances.map(other => `${other.balance} ${other.currency}`),
    `invoices: ${bills.open} open, ${bills.paid} paid, ${bills.overdue} overdue`,
  ]
  return done(answer, text.join('\n'))
}

function payments({ offset, limit }: InvoicesOptions): Work {
  return async ({ settlement }) => {
    const page = await settlement.payments({
      offset: numberIn(offset, '--offset'),
      limit: numberIn(limit, '--limit'),
    })
    return doneList(page, {
      rows: page.rows,
      empty: 'Nothing was paid.',
      columns: [
        ['at', ({ receivedAt }) => timeText(receivedAt)],
        ['reference', ({ reference }) => reference],
        ['invoice', ({ invoiceId }) => invoiceId],
        ['amount', ({ amount }) => String(amount)],
        ['method', ({ method }) => method],
      ],
    })
  }
}

async function server({ settlement }: Parameters<Work>[0]) {
  const answer = await settlement.server()
  return done(answer, answer.address)
}
