import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { acquaintances } from './acquaintances.ts'
import { answeredRequest } from './answered-request.ts'
import { contactsPage } from './contacts-page.ts'
import { credentialOf } from './credential-of.ts'
import { devicesOf } from './devices-of.ts'
import { usersPage } from './users-page.ts'
import { findUsers, profileOf } from './profiles.ts'
import { visiblePicture } from './pictures.ts'
import { groupOf, groupsOf } from './groups.ts'
import { loginState } from './login-state.ts'
import { namesakes } from './namesakes.ts'
import { blockedDirects } from './blocked-directs.ts'
import { attachmentOf } from './attachment-of.ts'
import { conversationPage } from './conversation-page.ts'
import { dissolvedGroups } from './dissolved-groups.ts'
import { holdOutbox } from './hold-outbox.ts'
import { logPage } from './log-page.ts'
import { fullBlocks } from './search/full-blocks.ts'
import { searchLogs } from './search/search-logs.ts'
import { readCount } from './read-count.ts'
import { heads } from './relays/heads.ts'
import { leaseHolders } from './relays/lease-holders.ts'
import { loginEnds } from './relays/login-ends.ts'
import { routes } from './relays/routes.ts'
import { standings } from './relays/standings.ts'
import { stayCounts, staysOf } from './relays/stays.ts'
import { sessionView } from './session-view.ts'
import { signingKeys } from './signing-keys.ts'
import { currentUpgrades, isPublished, upgradeOf } from './upgrades.ts'
import { visibleUsers } from './visible-users.ts'

/** A question to the database; its result is plain data, for it may cross a thread. */
export type Query<Args, Result> = (db: Kysely<Tables>, args: Args) => Promise<Result>

/** Every question that can be asked, by name. */
export const queries = {
  acquaintances,
  answeredRequest,
  contactsPage,
  credentialOf,
  devicesOf,
  usersPage,
  findUsers,
  groupOf,
  groupsOf,
  profileOf,
  loginState,
  namesakes,
  attachmentOf,
  blockedDirects,
  conversationPage,
  dissolvedGroups,
  holdOutbox,
  logPage,
  fullBlocks,
  searchLogs,
  readCount,
  heads,
  leaseHolders,
  loginEnds,
  routes,
  standings,
  stayCounts,
  staysOf,
  sessionView,
  signingKeys,
  currentUpgrades,
  isPublished,
  upgradeOf,
  visiblePicture,
  visibleUsers,
}

export type QueryName = keyof typeof queries

export type ArgsOf<Name extends QueryName> =
  (typeof queries)[Name] extends Query<infer Args, infer _Result> ? Args : never

export type ResultOf<Name extends QueryName> =
  (typeof queries)[Name] extends Query<infer _Args, infer Result> ? Result : never
