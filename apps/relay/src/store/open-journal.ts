import { join } from 'node:path'
import type { Scheduler } from '@parley/service-kit'
import type { Journal } from './journal.ts'
import { openMysqlJournal } from './mysql/mysql-journal.ts'
import type { MysqlEvents } from './mysql/mysql-journal.ts'
import { SqliteJournal } from './sqlite/sqlite-journal.ts'

/** Where a relay's data is. */
export interface JournalPlace {
  readonly dataDir: string
  /** The database that several relays share; undefined for a file of this relay's own. */
  readonly mysqlUrl: string | undefined
}

/** Opens the store that the configuration names; throws `AppError` STORE_UNUSABLE. */
export function openJournal(
  { dataDir, mysqlUrl: url }: JournalPlace,
  events: MysqlEvents,
  scheduler: Scheduler,
): Promise<Journal> {
  if (url !== undefined) return openMysqlJournal({ url, events, scheduler })
  return SqliteJournal.open(join(dataDir, 'myim.sqlite'), events)
}
