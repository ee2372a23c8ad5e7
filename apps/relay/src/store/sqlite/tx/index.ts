import { GatheredEffects } from '../../gathered-effects.ts'
import type { BatchTx } from '../../run-batch.ts'
import type { Sqlite } from '../open-database.ts'
import { sqliteAttachments } from './attachments.ts'
import { sqliteContacts } from './contacts.ts'
import { sqliteConversations } from './conversations.ts'
import { sqliteDevices } from './devices.ts'
import { sqliteInvitationCodes } from './invitation-codes.ts'
import { sqliteLeases } from './leases.ts'
import { sqliteLog } from './log.ts'
import { sqliteLogins } from './logins.ts'
import { sqliteMarks } from './marks.ts'
import { sqliteMembers } from './members.ts'
import { sqlitePictures } from './pictures.ts'
import { sqliteRequests } from './requests.ts'
import { sqliteSearch } from './search.ts'
import { sqliteSigningKeys } from './signing-keys.ts'
import { sqliteUpgrades } from './upgrades.ts'
import { sqliteUsers } from './users.ts'

/** Where a transaction gets time and ids from. */
export interface TxSources {
  now(): number
  newId(): Uint8Array
  /** Rows of each kind kept in memory: as many as a busy relay needs unless told. */
  readonly cachedRows?: number
}

/** The transaction of a SQLite database: one object, used for every batch of its writer. */
export interface SqliteTx extends BatchTx {
  /** Sets the clock of the next batch. */
  begin(): void
  /** Forgets every row kept in memory: a rollback has made it doubtful. */
  forget(): void
}

/** Prepares every statement that a command can need. */
export function sqliteTx(db: Sqlite, sources: TxSources): SqliteTx {
  let nowMs = sources.now()
  const effects = new GatheredEffects()
  const now = () => nowMs
  const { cachedRows } = sources
  const conversations = sqliteConversations(db, now, () => sources.newId(), cachedRows)
  const logins = sqliteLogins(db, now, (login) => void effects.ended.push(login))
  const contacts = sqliteContacts(db, now, (user) => void effects.contacts.push(user), cachedRows)
  const log = sqliteLog(db, (entry) => void effects.entries.push(entry), cachedRows)
  return {
    get nowMs() {
      return nowMs
    },
    newId: () => sources.newId(),
    users: sqliteUsers(db, now, (user) => void effects.profiles.push(user)),
    devices: sqliteDevices(db, now, logins),
    logins,
    contacts,
    conversations,
    members: sqliteMembers(db, now, (stay) => void effects.stays.push(stay)),
    log,
    marks: sqliteMarks(db),
    attachments: sqliteAttachments(db),
    pictures: sqlitePictures(db, {
      newId: () => sources.newId(),
      changed: (user) => void effects.profiles.push(user),
    }),
    invitationCodes: sqliteInvitationCodes(db, now),
    requests: sqliteRequests(db, now),
    search: sqliteSearch(db),
    leases: sqliteLeases(db, now),
    signingKeys: sqliteSigningKeys(db, now),
    upgrades: sqliteUpgrades(db),
    begin() {
      nowMs = sources.now()
    },
    takeEffects: () => effects.take(),
    forget() {
      contacts.forget()
      conversations.forget()
      log.forget()
      effects.clear()
    },
  }
}
