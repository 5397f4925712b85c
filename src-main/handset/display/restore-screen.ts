import type { HandsetState, RestoreReason } from '../../contract/handsets'
import { LINE_HEIGHT, type Picture } from './picture'

const BLACK = 0x0000
const GOLD = 0xd5a9
const WHITE = 0xffff
const GREY = 0x8410
const MARGIN = 10

const WHY: Readonly<Record<RestoreReason, readonly [string, string]>> = {
  'key-held': ['SELECT WAS HELD', 'AT POWER-ON'],
  'reset-requested': ['ASKED FOR', 'OVER THE WIRE'],
  'region-invalid': ['NO SOFTWARE', 'THAT COULD RUN'],
  'journal-open': ['A REWRITE WAS', 'NOT FINISHED'],
  'needs-file': ['AN UPDATE WAS', 'NOT FINISHED'],
  'judgement-failed': ['THE UPDATE', 'IS NOT SOUND'],
  watchdog: ['SOFTWARE HUNG', 'THREE TIMES'],
  'no-cpu': ['THIS MODEL', 'HAS NO CPU'],
}

const DOING: Readonly<Partial<Record<HandsetState, string>>> = {
  'restore-wait': 'CONNECT THE CABLE',
  'restore-linked': 'CONNECTED',
  'restore-writing': 'WRITING',
  'restore-verifying': 'VERIFYING',
  'needs-file': 'NEEDS RADIO OR CABLE',
  limiting: 'MAKING ROOM',
  secured: 'MAKING ROOM',
  requesting: 'ASKING FOR IT',
  receiving: 'RECEIVING',
  stored: 'RECEIVED',
  rewriting: 'REWRITING',
  judging: 'CHECKING',
}
const KEEP_ON = ['LEAVE IT', 'SWITCHED ON'] as const

export interface RestoreScreen {
  readonly state: HandsetState
  /** Null: no restore, but an update that goes on. */
  readonly reason: RestoreReason | null
  readonly terminalId: string
  /** Of the image that is being received, or of the region that is rewritten; null where none is. */
  readonly progress: { readonly doneBytes: number; readonly bytes: number } | null
}

/** What the protected code shows to whoever holds the phone (S0-45). */
export function drawRestoreScreen(picture: Picture, screen: RestoreScreen): void {
  const { width, height } = picture
  picture.box({ x: 0, y: 0 }, { width, height }, BLACK)
  picture.box({ x: 0, y: 0 }, { width, height: 24 }, GOLD)
  picture.centered(9, 'KINTSUGI', { color: BLACK })
  const title = screen.reason === null ? 'UPDATE' : 'RESTORE'
  picture.centered(36, title, { color: GOLD, scale: 2 })
  const [first, second] = screen.reason === null ? KEEP_ON : WHY[screen.reason]
  picture.centered(62, first, { color: GREY })
  picture.centered(62 + LINE_HEIGHT, second, { color: GREY })
  picture.centered(96, DOING[screen.state] ?? '', { color: WHITE })
  if (screen.progress) drawProgress(picture, screen.progress)
  picture.centered(height - 14, screen.terminalId, { color: GREY })
}

function drawProgress(
  picture: Picture,
  { doneBytes, bytes }: { readonly doneBytes: number; readonly bytes: number },
): void {
  const share = bytes === 0 ? 0 : doneBytes / bytes
  const full = picture.width - 2 * MARGIN
  picture.box({ x: MARGIN, y: 112 }, { width: full, height: 8 }, GREY)
  picture.box({ x: MARGIN, y: 112 }, { width: Math.floor(full * share), height: 8 }, GOLD)
  picture.centered(126, `${Math.floor(share * 100)}%`, { color: WHITE })
}
