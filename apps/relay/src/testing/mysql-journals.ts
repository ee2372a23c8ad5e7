import { onTestFinished } from 'vitest'
import type { Outcome } from '../store/journal.ts'
import type { Journal, CommandOf } from '../store/journal.ts'
import { openMysqlJournal } from '../store/mysql/mysql-journal.ts'
import type { WriterLimits } from '../store/mysql/writer-limits.ts'
import { registered } from './journal-cast.ts'
import type { CastUser } from './journal-cast.ts'

/** A journal on a MariaDB, and what it has told. */
export interface ToldJournal {
  readonly journal: Journal
  /** Names of failed commands, codes of lost batches, warnings. */
  readonly failed: string[]
}

/** Opens a journal as a relay would; the test's end closes it. */
export async function openTold(
  url: string,
  limits?: Partial<WriterLimits>,
  failed?: string[],
): Promise<ToldJournal> {
  const told = await open(url, limits, failed)
  onTestFinished(() => told.journal.close())
  return told
}

/** Two relays' journals on one database, opened at the same time; to be closed by whoever opens them. */
export async function openTwo(
  url: string,
  limits?: Partial<WriterLimits>,
): Promise<readonly [ToldJournal, ToldJournal]> {
  return Promise.all([open(url, limits), open(url, limits)])
}

async function open(
  url: string,
  limits: Partial<WriterLimits> = {},
  failed: string[] = [],
): Promise<ToldJournal> {
  const note = (words: string) => void failed.push(words)
  const fatal = (error: Error) => note(error.message)
  const events = { failed: note, lost: note, waiting: note, warned: note, fatal }
  const journal = await openMysqlJournal({ url, events, limits })
  return { journal, failed }
}

/** So many users, by their names. */
export async function cast(journal: Journal, ...names: readonly string[]): Promise<CastUser[]> {
  const users: CastUser[] = []
  for (const name of names) users.push(await registered(journal, name))
  return users
}

/** Where a message was stored. */
export interface Stored {
  readonly conversation: number
  readonly seq: number
}

/** Where an accepted message was stored; throws for a refused one. */
export function storedAs(outcome: Outcome | undefined): Stored {
  if (outcome?.ok !== true) throw new Error(`not accepted: ${outcome?.reason}`)
  return outcome.answer as Stored
}

/** Repeats a send until its outcome is known, as a client does; tells where it was stored. */
export async function sendUntilKnown(
  journal: Journal,
  message: CommandOf<'sendMessage'>,
  pause: () => Promise<void>,
): Promise<Stored> {
  for (;;) {
    const outcomes = await journal.commit([message]).catch(() => undefined)
    if (outcomes !== undefined) return storedAs(outcomes[0])
    await pause()
  }
}
