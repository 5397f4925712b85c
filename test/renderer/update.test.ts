import { describe, expect, test } from 'vitest'
import {
  handsetState,
  updateOutcome,
  type HandsetState,
  type HandsetUpdate,
  type HandsetView,
} from '../../src-main/contract/handsets'
import { explain } from '../../src-renderer/views/handset/explain'
import { erasedSince, flashLayers } from '../../src-renderer/views/handset/flash-cells'
import { ramHolder, runsTasks } from '../../src-renderer/views/handset/ram-cells'
import {
  canAskForUpdate,
  canCancelUpdate,
  isOutdated,
  needsFile,
  receivedBytes,
  stepsOf,
} from '../../src-renderer/views/handset/update-steps'
import { useUpdateWords } from '../../src-renderer/views/handset/update-words'
import { handset } from './handset-view'

const asked: HandsetUpdate = {
  startedAt: 1000,
  endedAt: null,
  kind: null,
  target: null,
  fileBytes: null,
  ramBytes: null,
  doneBytes: 0,
  totalBytes: 0,
  bytesPerSecond: 0,
  secondsLeft: null,
  outcome: null,
  message: null,
}
const announced: HandsetUpdate = {
  ...asked,
  kind: 'differential',
  target: { name: 'kintsugi-k1', version: '1.1.0' },
  fileBytes: 600,
}
const sound: HandsetView = { ...handset, state: 'normal', reason: null }

/** The step that is not merely done, ahead or skipped, with its mark. */
function standing(changed: Partial<HandsetView>): string {
  const marked = stepsOf({ ...sound, ...changed })
  const found = marked.filter(({ mark }) => mark === 'active' || mark === 'stopped')
  return found.map(({ step, mark }) => `${step} ${mark}`).join(', ')
}

describe('The steps of an update', () => {
  test('[S0-25] stand where the state of the handset says', () => {
    const states: Partial<Record<HandsetState, string>> = {
      limiting: 'U4 active',
      secured: 'U5 active',
      requesting: 'U5 active',
      receiving: 'U6 active',
      stored: 'U7 active',
      rewriting: 'U8 active',
      judging: 'U9 active',
    }
    const found = Object.keys(states).map(state => [
      state,
      standing({ state: handsetState.parse(state), update: announced }),
    ])
    expect(Object.fromEntries(found)).toEqual(states)
  })

  test('stand at the inquiry, the answer or the report while the state is still or again normal', () => {
    expect(standing({ update: asked })).toBe('U1 active')
    expect(standing({ update: announced })).toBe('U3 active')
    const written = { ...announced, doneBytes: 4096, totalBytes: 4096 }
    expect(standing({ update: written })).toBe('U10 active')
    expect(standing({ update: { ...written, doneBytes: 9 } })).toBe('U10 active')
  })

  test('end where the outcome says, and what follows was not reached', () => {
    const ends: Record<string, string> = {
      'no-update': 'U3 stopped',
      'metadata-refused': 'U3 stopped',
      updated: '',
      'ram-insufficient': 'U4 stopped',
      'link-lost': 'U5 stopped',
      'file-refused': 'U7 stopped',
      'rewrite-failed': 'U8 stopped, U11 active',
      'judgement-failed': 'U9 stopped, U11 active',
      cancelled: 'U5 stopped',
    }
    const ended = { ...announced, endedAt: 2000, ramBytes: 1024 }
    const found = updateOutcome.options.map(outcome => [
      outcome,
      standing({ state: 'restore-wait', update: { ...ended, outcome } }),
    ])
    expect(Object.fromEntries(found)).toEqual(ends)
    const refused = { ...ended, outcome: 'file-refused' } as const
    expect(stepsOf({ ...sound, update: refused }).map(({ mark }) => mark)).toEqual([
      ...Array<string>(6).fill('done'),
      'stopped',
      ...Array<string>(3).fill('skipped'),
    ])
    expect(standing({ update: { ...asked, endedAt: 1, outcome: 'link-lost' } })).toBe('U1 stopped')
  })

  test('[S0-37] stop at the rewriting where the journal asks for the file again', () => {
    expect(standing({ state: 'needs-file', reason: 'needs-file' })).toBe('U8 stopped, U11 active')
    const overwritten = handsetState.options.filter(
      state => state.startsWith('restore') && !needsFile({ state, reason: 'needs-file' }),
    )
    expect(overwritten).toEqual(['restore-wait', 'restore-writing', 'restore-verifying'])
  })

  test('are no longer waited behind once the handset runs or is off', () => {
    const failed = { ...announced, endedAt: 2000, outcome: 'judgement-failed' } as const
    expect(standing({ update: failed })).toBe('U9 stopped')
    expect(standing({ state: 'off', update: failed })).toBe('U9 stopped')
  })

  test('say nothing of a handset that was written otherwise since', () => {
    const updated = { ...announced, endedAt: 2000, outcome: 'updated' } as const
    const software = { name: 'kintsugi-k1', version: '1.1.0', bytes: 1000 }
    expect(isOutdated({ ...sound, software, update: updated })).toBe(false)
    expect(isOutdated({ ...sound, software: null, update: updated })).toBe(true)
    const failed = { ...updated, outcome: 'rewrite-failed' } as const
    expect(isOutdated({ ...sound, update: failed })).toBe(true)
    expect(isOutdated({ ...sound, state: 'restore-wait', update: failed })).toBe(false)
  })

  test('can begin and be cancelled only where the handset can do that', () => {
    const able = handsetState.options.filter(state => canAskForUpdate({ ...sound, state }))
    expect(able).toEqual(['normal', 'needs-file'])
    expect(canAskForUpdate({ ...sound, radio: false })).toBe(false)
    expect(canAskForUpdate({ ...sound, update: asked })).toBe(false)
    expect(canCancelUpdate({ ...sound, state: 'receiving', update: announced })).toBe(true)
    expect(canCancelUpdate({ ...sound, state: 'rewriting', update: announced })).toBe(false)
    expect(canCancelUpdate(sound)).toBe(false)
    const reporting = { ...announced, doneBytes: 4096, totalBytes: 4096 }
    expect(canCancelUpdate({ ...sound, update: reporting })).toBe(false)
  })
})

describe('The words on an update', () => {
  function words(changed: Partial<HandsetView>): string {
    const { what, more } = useUpdateWords(() => ({ ...sound, ...changed })).value
    return `${what} ${more}`
  }
  const ended = { ...announced, endedAt: 2000 }
  const needsItsFile = { state: 'needs-file', reason: 'needs-file' } as const

  test('[S0-37] say why an attempt to finish a cut-off rewrite came to nothing', () => {
    const again = 'Get the same file again, or restore the handset by wire.'
    const cutOff = `A rewrite was cut off: the very same file finishes it. ${again}`
    expect(words(needsItsFile)).toBe(cutOff)
    const found = (['rewrite-failed', 'link-lost', 'no-update'] as const).map(outcome =>
      words({ ...needsItsFile, update: { ...ended, outcome } }),
    )
    expect(found).toEqual([
      cutOff,
      `The radio link was lost. ${again}`,
      'The carrier does not have the file that finishes the rewrite. Its software is incomplete. Restore it by wire.',
    ])
  })

  test('claim nothing of a handset that is off or was restored since', () => {
    const failed = { ...ended, outcome: 'rewrite-failed' } as const
    expect(words({ state: 'off', update: failed })).toContain('Switch it on')
    expect(words({ update: failed })).toContain('Other software was written since.')
    const overwritten = { state: 'restore-wait', reason: 'needs-file', update: failed } as const
    expect(words(overwritten)).toContain('Restore it by wire.')
  })
})

describe('Memory during an update', () => {
  test('[S0-07] the secured area fills with the bytes that came', () => {
    const receiving = { ...announced, doneBytes: 512, totalBytes: 600 }
    expect(receivedBytes({ state: 'receiving', update: receiving })).toBe(512)
    expect(receivedBytes({ state: 'rewriting', update: receiving })).toBe(600)
    expect(receivedBytes({ state: 'normal', update: { ...receiving, endedAt: 1 } })).toBe(0)
    const { ram } = handset
    const kinds = [0x1000, 0x1200].map(at => ramHolder(ram, ram.address + at, 512).kind)
    expect(kinds).toEqual(['received', 'secured'])
  })

  test('[S0-21] tasks hold no RAM while protected code rewrites', () => {
    const running = handsetState.options.filter(state => runsTasks({ state, reason: null }))
    expect(running).toEqual([
      'starting',
      'normal',
      'self-test-failed',
      'limiting',
      'secured',
      'requesting',
      'receiving',
      'stored',
    ])
    expect(runsTasks({ state: 'receiving', reason: 'needs-file' })).toBe(false)
  })

  test('the flash map tells rewritten sectors, journal, stash and backup apart', () => {
    const regions = ['executable', 'journal', 'stash', 'backup'].map((name, index) => ({
      name,
      address: index * 1024,
      bytes: 1024,
    }))
    const flash = { ...handset.flash, regions, sectors: '###.#.##' }
    const rewritten = erasedSince(flash, [0, 1, 0, 0, 0, 0, 0, 0], [0, 2, 1, 0, 0, 0, 0, 0])
    expect([...rewritten]).toEqual([1])
    const layers = flashLayers({
      flash,
      overlay: 'content',
      health: null,
      execution: null,
      rewritten,
    })
    expect(layers.map(({ kind, places }) => [kind, ...places])).toEqual([
      ['programmed', 0],
      ['rewritten', 1],
      ['journal', 2],
      ['empty', 3, 5],
      ['stash', 4],
      ['backup', 6, 7],
    ])
    expect(new Set(layers.map(({ shape }) => shape)).size).toBe(layers.length)
  })
})

describe('Why a handset stands where it stands in an update', () => {
  test('is said for every state, with the way out of a rewrite that was cut off', () => {
    const cut = { ...handset, state: 'needs-file', reason: 'needs-file' } as const
    const { because, next, offers, tone } = explain(cut, null, 'off')
    expect(because.map(({ key }) => key)).toEqual(['handset.why.needs-file'])
    expect({ next: next?.key, offers, tone }).toEqual({
      next: 'handset.next.needsFile',
      offers: ['update', 'restore'],
      tone: 'caution',
    })
    const alone = explain({ ...cut, radio: false }, null, 'off')
    expect([alone.next?.key, ...alone.offers]).toEqual(['handset.next.needsFileRadio', 'restore'])
    const rewriting = explain({ ...sound, state: 'rewriting' }, null, 'stored')
    expect(rewriting.because[0]?.key).toBe('handset.why.rewriting')
    expect(rewriting.next?.key).toBe('handset.next.rewriting')
  })

  test('tells a cut in the rewriting from one before it', () => {
    const off = { ...sound, state: 'off' } as const
    const keys = (['rewriting', 'receiving', 'judging', 'normal'] as const).map(
      before => explain(off, null, before).because[0]?.key,
    )
    expect(keys).toEqual([
      'handset.why.cutInRewriting',
      'handset.why.cutInTransfer',
      'handset.why.off',
      'handset.why.off',
    ])
  })
})
