import type { InputOf, AnswerOf, ScriptName } from '../commands/index.ts'
import type { Refusal } from '../commands/script.ts'
import type { ArgsOf, QueryName, ResultOf } from './queries/index.ts'
import type { EndedWhy } from './tx.ts'

/** A command on its way to the journal. */
export type Command = { [Name in ScriptName]: CommandOf<Name> }[ScriptName]

export interface CommandOf<Name extends ScriptName> {
  readonly name: Name
  readonly input: InputOf<Name>
  /** Repeating the id repeats the answer; absent where the command dedupes by itself. */
  readonly request?: RequestKey
}

/** A client's id of a mutating call. */
export interface RequestKey {
  /** The caller, or 0 for a call without a session. */
  readonly user: number
  readonly id: Uint8Array
  /** Of everything the caller asked for: the same id with another digest is a conflict. */
  readonly digest: Uint8Array
}

/** What became of a command once its batch is on disk. */
export type Outcome<Answer = unknown> =
  | {
      readonly ok: true
      readonly answer: Answer
      readonly duplicate: boolean
      readonly effects: Effects
    }
  | Refusal

export type OutcomeOf<Name extends ScriptName> = Outcome<AnswerOf<Name>>

/** What others must hear of a committed command. */
export interface Effects {
  readonly entries: readonly Appended[]
  readonly stays: readonly Stay[]
  readonly ended: readonly EndedLogin[]
  /** Users whose contacts have changed. */
  readonly contacts: readonly number[]
  /** Users of whom others read another profile. */
  readonly profiles: readonly number[]
}

/** An entry that is now in a log. */
export interface Appended {
  readonly conversation: number
  readonly seq: number
  readonly sender: number
  readonly entry: Uint8Array
}

/** A stay that began (`leftSeq` 0) or ended. */
export interface Stay {
  readonly conversation: number
  readonly user: number
  readonly joinedSeq: number
  readonly leftSeq: number
}

/** A login that ended, all its sessions with it. */
export interface EndedLogin {
  readonly user: number
  readonly login: Uint8Array
  readonly why: EndedWhy
}

/** Nothing for others to hear. */
export const noEffects: Effects = {
  entries: [],
  stays: [],
  ended: [],
  contacts: [],
  profiles: [],
}

/** A run of a log as it lies on the wire: fields 4 of parley.chat.v1.Entries, one after the other. */
export interface LogRun {
  readonly firstSeq: number
  readonly count: number
  readonly packed: Uint8Array
}

/**
 * The one home of every write, and the way to read it. `commit` settles when the whole batch is on
 * disk; with fewer outcomes than commands when those of the last ones are unknown. It rejects only
 * when nothing is known of the batch.
 */
export interface Journal {
  commit(batch: readonly Command[]): Promise<readonly Outcome[]>
  /** Entries from..to of a log, cut after `maxBytes` (at least one entry when there is one). */
  readLog(conversation: number, from: number, to: number, maxBytes: number): Promise<LogRun>
  ask<Name extends QueryName>(name: Name, args: ArgsOf<Name>): Promise<ResultOf<Name>>
  close(): Promise<void>
}
