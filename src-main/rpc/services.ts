import type { AnySchema, InferSchemaOutput } from '@orpc/contract'
import type { Clock } from '../base/clock'
import type { Hello, Notice, Settings, SettingsChange, WorkbenchEvent } from '../contract/app'
import type { contract } from '../contract'
import type { DeltaJob } from '../contract/delta'
import type { StoredImage } from '../contract/images'
import type { ActionEntry, AuditEntry, TraceEntry } from '../contract/observe'
import type {
  Identity,
  LogLine,
  RestorePlan,
  RestoreView,
  SerialPortView,
} from '../contract/restore'
import type { rolloutCalls } from '../contract/rollouts'

type Calls = typeof contract
type Answer<T> = T | Promise<T>
interface AnyCall {
  readonly '~orpc': { readonly inputSchema?: AnySchema; readonly outputSchema?: AnySchema }
}
/** What a procedure's handler gets: checked, and with its defaults filled in. */
type Input<Call extends AnyCall> = InferSchemaOutput<NonNullable<Call['~orpc']['inputSchema']>>
/** What a procedure answers. */
type Output<Call extends AnyCall> = InferSchemaOutput<NonNullable<Call['~orpc']['outputSchema']>>
/** Calls without an input take no argument. */
type Taken<Call extends AnyCall> = unknown extends Input<Call> ? [] : [Input<Call>]
/** A method for each procedure of a domain. */
type Asked<Domain extends Readonly<Record<string, AnyCall>>> = {
  [Call in keyof Domain]: (...input: Taken<Domain[Call]>) => Answer<Output<Domain[Call]>>
}
type Page = Input<Calls['observe']['trace']>

/** What the router asks of the subsystems: their own methods, no more. */
export interface WorkbenchServices {
  readonly app: {
    hello(): Hello
    settings(): Answer<Settings>
    changeSettings(change: SettingsChange): Answer<Settings>
    dismissNotice(input: { id: number }): Answer<void>
    notices(): Answer<Notice[]>
  }
  readonly vendor: Asked<Calls['vendor']>
  readonly carrier: Asked<Omit<Calls['carrier'], keyof typeof rolloutCalls>>
  readonly rollouts: Asked<typeof rolloutCalls>
  readonly settlement: Asked<Calls['settlement']>
  readonly mail: Asked<Calls['mail']>
  readonly network: Asked<Calls['network']>
  readonly delta: Asked<Omit<Calls['delta'], 'watch'>> & {
    /** Ends by itself when the job has ended, or when the signal says that nobody listens. */
    watch(input: { id: number }, signal?: AbortSignal): AsyncIterable<DeltaJob>
  }
  readonly handsets: Asked<Calls['handsets']>
  readonly images: {
    list(): Answer<StoredImage[]>
    info(input: { digest: string }): Answer<StoredImage>
    remove(input: { digest: string }): Answer<void>
  }
  readonly restore: {
    ports(): Answer<SerialPortView[]>
    list(input: { limit: number }): Answer<RestoreView[]>
    log(input: { id: number }): Answer<LogLine[]>
    identify(input: Input<Calls['restore']['identify']>): Answer<Identity>
    plan(input: Input<Calls['restore']['plan']>): Answer<RestorePlan>
    start(input: Input<Calls['restore']['start']>): Answer<RestoreView>
    cancel(input: { id: number }): Answer<RestoreView>
    /** Ends by itself when the restore has ended, or when the signal says that nobody listens. */
    watch(input: { id: number }, signal?: AbortSignal): AsyncIterable<RestoreView>
  }
  readonly trace: {
    list(page: Page): Answer<TraceEntry[]>
    message(sequence: number): Answer<{ entry: TraceEntry; hex: string; truncated: boolean }>
    clear(): Answer<void>
  }
  readonly audit: { list(page: Page): Answer<AuditEntry[]> }
  readonly actions: {
    record(action: { call: string; input: unknown; outcome: string }): Promise<void>
    list(page: Page): Answer<ActionEntry[]>
  }
  readonly clock: WorkbenchClock
  readonly events: {
    subscribe(listener: (event: WorkbenchEvent) => void): () => void
  }
}

/** Only virtual time can be moved on. */
export interface WorkbenchClock extends Pick<Clock, 'kind' | 'now'> {
  advance?(milliseconds: number): Answer<void>
}
