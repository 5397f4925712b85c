import { hash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { messageIn } from '../site/message-in'
import type { SiteEnv } from '../site/start-site'
import {
  DEVICE_MESSAGE_BYTES_MAX,
  DEVICE_PATHS,
  sessionRequest,
  testSignal,
  updateNotice,
  type SessionAnswer,
  type SoftwareAnswer,
  type TestAnswer,
} from '../wire/device/messages'
import type { NetworkNode, NodeBody } from './network-node'
import { receiveSoftware } from './receive-software'

export interface DevicePathsParts {
  readonly clock: Pick<Clock, 'now'>
  readonly nodeAt: (ipAddress: string) => NetworkNode | undefined
}

type Answer = (node: NetworkNode, context: Context<SiteEnv>) => Promise<Response>

const bytesMax = DEVICE_MESSAGE_BYTES_MAX
const ACCEPTED = 202
const SHA256_OF_NOTHING = hash('sha256', '', 'hex')

/** Refusals of devices, as HTTP status. */
export const DEVICE_STATUS = {
  PASSWORD_WRONG: 401,
  NOT_TAKEN: 409,
  SOFTWARE_DAMAGED: 422,
} as const

/** Every device of the network below its IP address (docs/formats/device.md). */
export function mountDevices(site: Hono<SiteEnv>, parts: DevicePathsParts): void {
  const reached = (answer: Answer) => async (context: Context<SiteEnv>) => {
    const node = parts.nodeAt(context.req.param('ip') ?? '')
    if (!node?.isReachable) return cut(context)
    node.accessed(parts.clock)
    return answer(node, context)
  }
  const connected = (answer: Answer) =>
    reached(async (node, context) => {
      node.access.check(context.req.raw)
      return answer(node, context)
    })
  site.post(`/:ip${DEVICE_PATHS.session}`, reached(openSession))
  site.put(`/:ip${DEVICE_PATHS.software}`, connected(takeSoftware(parts)))
  site.post(`/:ip${DEVICE_PATHS.notice}`, connected(takeNotice))
  site.post(`/:ip${DEVICE_PATHS.testSignal}`, connected(takeSignal))
  site.get(`/:ip${DEVICE_PATHS.testSignal}`, connected(answerSignal))
  const nothing: Answer = async () => {
    throw new CodedError('NOT_FOUND', 'There is no such path, or it is not for this method.')
  }
  site.all('/:ip/*', reached(nothing))
}

/** Nobody is there who could answer. */
function cut({ env }: Context<SiteEnv>): Response {
  env.cut()
  return new Response(null)
}

/** S3 and S4. */
const openSession: Answer = async (node, { req }) => {
  const asked = await messageIn(req.raw, sessionRequest, bytesMax)
  const token = node.access.open(asked)
  const { takes } = node.body
  return Response.json({ token, takes, software: node.software } satisfies SessionAnswer)
}

/** S5. A device that lies keeps nothing and says that it has it. */
function takeSoftware({ clock }: DevicePathsParts): Answer {
  return async (node, context) => {
    const { device } = bodyOf(node, 'software')
    const isCut = node.fault === 'broken-link'
    const received = await receiveSoftware(context.req.raw, isCut ? 'half' : 'whole')
    if (!received) return cut(context)
    const { name, version, delivery } = received
    const outcome = delivery === 'record' ? 'recorded' : 'installed'
    if (node.fault === 'lies') {
      return told({ outcome, sha256: SHA256_OF_NOTHING, software: { name, version } })
    }
    device.take(received)
    node.accessed(clock)
    return told({ outcome, sha256: received.sha256, software: device.running })
  }
}

function told(answer: SoftwareAnswer): Response {
  return Response.json(answer)
}

const takeNotice: Answer = async (node, context) => {
  const { face } = bodyOf(node, 'notice')
  await messageIn(context.req.raw, updateNotice, bytesMax)
  if (node.fault === 'broken-link') return cut(context)
  if (node.fault !== 'lies') face()?.notice()
  return new Response(null, { status: ACCEPTED })
}

/** S33. Software takes its time to answer, which no request is kept waiting for. */
const takeSignal: Answer = async (node, context) => {
  const { signal } = await messageIn(context.req.raw, testSignal, bytesMax)
  if (node.fault === 'broken-link') return cut(context)
  node.signalled(signal)
  return new Response(null, { status: ACCEPTED })
}

/** S34. */
const answerSignal: Answer = async ({ testAnswer }) =>
  Response.json(testAnswer satisfies TestAnswer)

/** Throws a CodedError `NOT_TAKEN` for what the other kind of device takes. */
function bodyOf<Takes extends NodeBody['takes']>(
  { access, body }: NetworkNode,
  takes: Takes,
): Extract<NodeBody, { takes: Takes }> {
  if (isBody(body, takes)) return body
  const how =
    body.takes === 'notice' ? 'asks for updates itself: send it a notice' : 'takes software itself'
  throw new CodedError('NOT_TAKEN', `${access.deviceId} ${how}.`)
}

function isBody<Takes extends NodeBody['takes']>(
  body: NodeBody,
  takes: Takes,
): body is Extract<NodeBody, { takes: Takes }> {
  return body.takes === takes
}
