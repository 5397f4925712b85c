// A thread that cuts the power of emulated handsets: a share of one campaign, or one point of it.
import { parentPort, workerData } from 'node:worker_threads'
import { CodedError } from '../../base/coded-error'
import { Campaign, NO_TRIALS, withTrial } from '../campaign/campaign'
import { parsePoint } from '../campaign/points'
import type { CampaignAnswer, CampaignWork } from './campaign-messages'
import { nodeSha256 } from './node-sha256'

const TELL_EVERY_MS = 200

const tell = (answer: CampaignAnswer) => parentPort?.postMessage(answer, [])

try {
  const order: CampaignWork = workerData
  work(order)
} catch (error) {
  // A defect ends the worker, with its stack; what a user can act on is an answer.
  if (!(error instanceof CodedError)) throw error
  const { code, message, data } = error
  tell({ kind: 'failed', code, message, data })
}

function work(order: CampaignWork): void {
  // A wrong line is found before the long work.
  const point = order.kind === 'picture' ? parsePoint(order.point) : undefined
  const campaign = new Campaign(order, nodeSha256)
  if (point) tell({ kind: 'picture', picture: campaign.picture(point) })
  else if (order.kind === 'cuts') tryShare(campaign, order.first, order.stride)
}

function tryShare(campaign: Campaign, first: number, stride: number): void {
  const { points, recording } = campaign
  tell({ kind: 'ready', points, operations: recording.operations.length })
  let tally = NO_TRIALS
  let toldAt = performance.now()
  for (let index = first; index < points; index += stride) {
    tally = withTrial(tally, index, campaign.point(index), campaign.try(index))
    if (performance.now() - toldAt < TELL_EVERY_MS) continue
    toldAt = performance.now()
    tell({ kind: 'tried', tally, isOver: false })
  }
  tell({ kind: 'tried', tally, isOver: true })
}
