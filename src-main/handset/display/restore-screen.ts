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
  watchdog: ['SOFTWARE HUNG', 'THREE TIMES'],
  'no-cpu': ['THIS MODEL', 'HAS NO CPU'],
}

const DOING: Readonly<Partial<Record<HandsetState, string>>> = {
  'restore-wait': 'CONNECT THE CABLE',
  'restore-linked': 'CONNECTED',
  'restore-writing': 'WRITING',
  'restore-verifying': 'VERIFYING',
}

export interface RestoreScreen {
  readonly state: HandsetState
  readonly reason: RestoreReason
  readonly terminalId: string
  /** Of the image that is being received; null where none is. */
  readonly progress: { readonly doneBytes: number; readonly bytes: number } | null
}

/** What the protected restore code shows to whoever holds the phone (S0-45). */
export function drawRestoreScreen(picture: Picture, screen: RestoreScreen): void {
  const { width, height } = picture
  picture.box({ x: 0, y: 0 }, { width, height }, BLACK)
  picture.box({ x: 0, y: 0 }, { width, height: 24 }, GOLD)
  picture.centered(9, 'KINTSUGI', { color: BLACK })
  picture.centered(36, 'RESTORE', { color: GOLD, scale: 2 })
  const [first, second] = WHY[screen.reason]
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
