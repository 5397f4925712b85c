import { invariant } from '../../base/assert'
import { equalBytes } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import { type Fault, formatFault } from '../../base/fault-plan'
import type { CutVerdict } from '../../contract/delta'
import type { RestoreReason } from '../../contract/handsets'
import { FLASH_FAULT_POINT } from '../flash/flash-faults'
import { FlashFailure, PowerCut } from '../flash/flash-port'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf } from '../model/model'
import { type CutPoint, formatPoint } from './points'
import { ProtectedCode, type BootAnswer } from './protected-code'
import { entryWritten, type Recording } from './recording'
import { Settling } from './settling'
import { perform, watchedFlash } from './watched-flash'

/** What became of a handset whose power was cut. */
export interface Trial {
  readonly verdict: CutVerdict
  /** `needs-file`, and the same file finished it. */
  readonly isResumed: boolean
  /** What the boot code said and did, in words. */
  readonly explanation: string
}

interface TrialSettings {
  /** Ends as soon as the rest is known from the undisturbed rewrite. */
  readonly stopsEarly: boolean
}

/** A rewrite that has done so many times the operations of the undisturbed one never ends. */
const PATIENCE = 6
const PATIENCE_MIN = 2000

/** Cuts the power at a point and follows the handset until it is known what became of it. */
export function tryPoint(recording: Recording, point: CutPoint, settings: TrialSettings): Trial {
  const handset = new CutHandset(recording, point, settings)
  try {
    handset.cut()
    return handset.recover()
  } catch (error) {
    // Whatever the protected code does not expect, nobody catches on a handset either.
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return failed('stuck', `The protected code ends with ${reason}`)
  }
}

/**
 * The flash right after the cuts of a point, with the power off. Throws a CodedError `BAD_FAULT`
 * where a further cut strikes nothing that the handset does.
 */
export function flashAfterCuts(recording: Recording, point: CutPoint): NorFlash {
  const handset = new CutHandset(recording, point, { stopsEarly: false })
  const [missed] = handset.cut()
  if (!missed) return handset.flash.clone()
  const message = `${formatFault(missed)} strikes nothing: what the handset does after the cut before has fewer flash operations. Name an earlier one.`
  throw new CodedError('BAD_FAULT', message, { operation: missed.at })
}

class CutHandset {
  readonly flash: NorFlash
  readonly #recording: Recording
  readonly #point: CutPoint
  readonly #stopsEarly: boolean
  readonly #settling: Settling
  #isSettled = false
  #operationsLeft: number

  constructor(recording: Recording, point: CutPoint, { stopsEarly }: TrialSettings) {
    this.#recording = recording
    this.#point = point
    this.#stopsEarly = stopsEarly
    this.#operationsLeft = Math.max(PATIENCE_MIN, PATIENCE * recording.operations.length)
    this.flash = recording.flashBefore(point[0].at)
    this.#settling = new Settling(recording, this.flash, point[0].at)
  }

  /**
   * The power fails at each of the faults in turn, and where one strikes nothing, when all is done;
   * afterwards it is off. Returns those that struck nothing.
   */
  cut(): readonly Fault[] {
    const [first, ...rest] = this.#point
    this.#strikeRecorded(first)
    return rest.filter(fault => !this.#strikeNext(fault))
  }

  recover(): Trial {
    const code = this.#powerOn()
    const answer = code.boot()
    return answer.kind === 'software' ? this.#started() : this.#kept(code, answer)
  }

  #strikeRecorded(fault: Fault): void {
    const operation = this.#recording.operations[fault.at - 1]
    invariant(operation, 'the point names an operation of the rewrite')
    this.#plan({ ...fault, at: 1 })
    try {
      perform(this.flash, operation)
    } catch (error) {
      if (error instanceof PowerCut) return
      throw error
    }
    throw new Error(`${formatPoint(this.#point)} does not strike.`)
  }

  /** Boots, goes on as the handset would, and loses the power again; whether by this fault. */
  #strikeNext(fault: Fault): boolean {
    this.#plan(fault)
    try {
      this.#goOn()
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
    }
    const hasStruck = this.flash.faults.pending().length === 0
    this.#losePower()
    return hasStruck
  }

  #goOn(): void {
    const code = this.#powerOn()
    const answer = code.boot()
    const mayRewrite = answer.kind === 'needs-file' || (answer.kind === 'software' && this.#isOld())
    if (mayRewrite) this.#rewrite(code)
    if (mayRewrite || answer.kind === 'judge') code.judge()
    if (answer.kind === 'restore') code.restore()
  }

  /** Software is started: once more, for weak cells may tell another story every time. */
  #started(): Trial {
    if (!this.#isOld() && !this.#isNew()) return failed('silent', 'Damaged software is started.')
    const code = this.#cyclePower()
    const answer = code.boot()
    if (answer.kind !== 'software') return this.#kept(code, answer)
    if (this.#isNew()) return sound('completed', 'The new software is started.')
    if (!this.#isOld()) return failed('silent', 'Damaged software is started.')
    if (!this.#updates(code)) {
      return failed('stuck', 'The old software is started, and a second update does not succeed.')
    }
    return sound('old', 'The old software is started; the update can begin anew.')
  }

  #kept(code: ProtectedCode, answer: Exclude<BootAnswer, { kind: 'software' }>): Trial {
    if (answer.kind === 'judge') return this.#judged(code)
    return answer.kind === 'needs-file' ? this.#resumed(code) : this.#refused(code, answer.reason)
  }

  #judged(code: ProtectedCode): Trial {
    const said = 'Every step is done: the boot code judges the new software'
    if (!code.judge()) return this.#restorable(code, `${said} and finds it damaged.`)
    if (!this.#endsNew()) return failed('silent', `${said} and accepts it, but it is damaged.`)
    return sound('completed', `${said} and starts it.`)
  }

  #resumed(code: ProtectedCode): Trial {
    const said = 'The boot code needs the same file again'
    try {
      this.#rewrite(code)
      if (this.#isSettled) return resumed(`${said} and goes on as if nothing had happened.`)
      if (!code.judge()) return failed('needs-file', `${said}, and what it makes is damaged.`)
    } catch (error) {
      if (!(error instanceof FlashFailure)) throw error
      return failed('needs-file', `${said}, and the flash fails: ${error.message}.`)
    }
    if (this.#endsNew()) return resumed(`${said} and finishes the rewrite.`)
    return failed('silent', `${said} and finishes the rewrite, but the software is damaged.`)
  }

  #refused(code: ProtectedCode, reason: RestoreReason): Trial {
    const said = `The boot code stays in restore mode (${reason})`
    // Sound software under an open journal is no false alarm: nobody can know that it is sound.
    const isFalseAlarm = reason === 'region-invalid' && (this.#isOld() || this.#isNew())
    if (isFalseAlarm) return failed('stuck', `${said} although the software is whole.`)
    return this.#restorable(code, `${said}.`)
  }

  #restorable(code: ProtectedCode, said: string): Trial {
    if (!code.restore() || !this.#endsNew()) {
      return failed('stuck', `${said} A restore by wire fails.`)
    }
    return sound('restorable', `${said} A restore by wire brings the new software.`)
  }

  /** The software that runs asks for the file again, as if it had never been asked for. */
  #updates(code: ProtectedCode): boolean {
    this.#rewrite(code)
    return this.#isSettled || (code.judge() && this.#endsNew())
  }

  /** After another power cycle, through the flash port. */
  #endsNew(): boolean {
    const code = this.#cyclePower()
    return this.#isNew() && code.boot().kind === 'software'
  }

  #rewrite(code: ProtectedCode): void {
    for (const _ of code.rewrite()) if (this.#isSettled) return
  }

  /** The port that the protected code sees. */
  #watched() {
    const mayStop = this.#stopsEarly && this.flash.faults.pending().length === 0
    return watchedFlash(this.flash, {
      before: operation => {
        this.#settling.touch(operation)
        this.#operationsLeft -= 1
        if (this.#operationsLeft < 0) throw new Error('It writes to the flash without an end.')
      },
      after: operation => {
        this.flash.settle()
        const entry = mayStop ? entryWritten(this.#recording.board, operation) : undefined
        if (entry) this.#isSettled ||= this.#settling.isAt(entry)
      },
    })
  }

  #plan(fault: Fault): void {
    const passed = this.flash.faults.passed(FLASH_FAULT_POINT)
    this.flash.faults.add({ ...fault, at: passed + fault.at })
  }

  #powerOn(): ProtectedCode {
    this.flash.powerUp()
    return new ProtectedCode(this.#recording.board, this.#watched())
  }

  #losePower(): void {
    this.flash.faults.clear(FLASH_FAULT_POINT)
    this.flash.settle()
    this.flash.interrupt(0)
  }

  #cyclePower(): ProtectedCode {
    this.#losePower()
    return this.#powerOn()
  }

  #isOld(): boolean {
    return this.#holds(this.#recording.board.parts.old)
  }

  #isNew(): boolean {
    return this.#holds(this.#recording.board.parts.fresh)
  }

  #holds(image: Uint8Array): boolean {
    const { address } = regionOf(this.#recording.board.model, 'executable')
    return equalBytes(this.flash.read(address, image.length), image)
  }
}

function sound(verdict: CutVerdict, explanation: string): Trial {
  return { verdict, isResumed: false, explanation }
}

function resumed(explanation: string): Trial {
  return { verdict: 'needs-file', isResumed: true, explanation }
}

function failed(verdict: CutVerdict, explanation: string): Trial {
  return { verdict, isResumed: false, explanation }
}
