import type { Appended, Effects, EndedLogin, Stay } from '../../journal.ts'
import { noEffects } from '../../journal.ts'
import type { Tx } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'
import { sqliteAttachments } from './attachments.ts'
import { sqliteContacts } from './contacts.ts'
import { sqliteConversations } from './conversations.ts'
import { sqliteDevices } from './devices.ts'
import { sqliteInvitationCodes } from './invitation-codes.ts'
import { sqliteLog } from './log.ts'
import { sqliteLogins } from './logins.ts'
import { sqliteMarks } from './marks.ts'
import { sqliteMembers } from './members.ts'
import { sqliteRequests } from './requests.ts'
import { sqliteSearch } from './search.ts'
import { sqliteUsers } from './users.ts'

/** Where a transaction gets time and ids from. */
export interface TxSources {
  now(): number
  newId(): Uint8Array
}

/** The transaction of a SQLite database: one object, used for every batch of its writer. */
export interface SqliteTx extends Tx {
  /** Sets the clock of the next batch. */
  begin(): void
  /** What the last command changed for others, once. */
  takeEffects(): Effects
  /** Forgets every row kept in memory: a rollback has made it doubtful. */
  forget(): void
}

/** Prepares every statement that a command can need. */
export function sqliteTx(db: Sqlite, sources: TxSources): SqliteTx {
  let nowMs = sources.now()
  let entries: Appended[] = []
  let stays: Stay[] = []
  let ended: EndedLogin[] = []
  let changed: number[] = []
  const now = () => nowMs
  const conversations = sqliteConversations(db, now, () => sources.newId())
  const logins = sqliteLogins(db, now, (login) => void ended.push(login))
  const contacts = sqliteContacts(db, now, (user) => void changed.push(user))
  const log = sqliteLog(db, (entry) => void entries.push(entry))
  return {
    get nowMs() {
      return nowMs
    },
    newId: () => sources.newId(),
    users: sqliteUsers(db, now),
    devices: sqliteDevices(db, now, logins),
    logins,
    contacts,
    conversations,
    members: sqliteMembers(db, now, (stay) => void stays.push(stay)),
    log,
    marks: sqliteMarks(db),
    attachments: sqliteAttachments(db),
    invitationCodes: sqliteInvitationCodes(db, now),
    requests: sqliteRequests(db, now),
    search: sqliteSearch(db),
    begin() {
      nowMs = sources.now()
    },
    takeEffects() {
      if (entries.length + stays.length + ended.length + changed.length === 0) return noEffects
      const effects = { entries, stays, ended, contacts: changed }
      ;[entries, stays, ended, changed] = [[], [], [], []]
      return effects
    },
    forget() {
      contacts.forget()
      conversations.forget()
      log.forget()
      ;[entries, stays, ended, changed] = [[], [], [], []]
    },
  }
}
