import { limits } from './limits.ts'

/** As ContactState on the wire. */
export const contactState = { none: 1, asked: 2, requested: 3, contact: 4 } as const

export type State = 1 | 2 | 3 | 4

/** Why a change of contacts is refused, with the sentence that people see. */
export const contactReasons = {
  USER_UNKNOWN: 'There is no such user.',
  SELF: 'This cannot be done with yourself.',
  BLOCKED: 'This user does not accept your requests.',
  BLOCKED_BY_YOU: 'You have blocked this user; unblock them first.',
  NO_REQUEST: 'This user has not asked to become your contact.',
  NOT_A_CONTACT: 'This user is not your contact.',
  CONTACTS_FULL: `You can have ${limits.contacts} contacts at most.`,
  THEIR_CONTACTS_FULL: 'This user cannot have more contacts.',
  BLOCKED_FULL: `You can block ${limits.blocked} users at most.`,
} as const

export type ContactReason = keyof typeof contactReasons

/** How two users stand to each other, seen from the one who acts. */
export interface Pair {
  readonly mine: State
  readonly theirs: State
  readonly blockedByMe: boolean
  readonly blockedByThem: boolean
}

/** How many contacts and requests somebody has. */
export interface ContactCounts {
  /** Contacts and own open requests. */
  readonly contacts: number
  readonly requests: number
  readonly blocked: number
}

/** What follows from an action: the pair's new states and what the other is told. */
export interface ContactStep {
  readonly mine: State
  readonly theirs: State
  readonly tell: 'requested' | 'accepted' | 'refused' | 'removed' | undefined
}

const strangers = { mine: contactState.none, theirs: contactState.none } as const
const contacts = { mine: contactState.contact, theirs: contactState.contact } as const

/** Asks somebody to become a contact; two who ask each other are contacts. */
export function request(
  pair: Pair,
  mine: ContactCounts,
  theirs: ContactCounts,
): ContactStep | ContactReason {
  if (pair.blockedByThem) return 'BLOCKED'
  if (pair.blockedByMe) return 'BLOCKED_BY_YOU'
  switch (pair.mine) {
    case contactState.contact:
    case contactState.asked:
      return { mine: pair.mine, theirs: pair.theirs, tell: undefined }
    case contactState.requested:
      return befriend(mine)
    case contactState.none:
      if (mine.contacts >= limits.contacts) return 'CONTACTS_FULL'
      if (theirs.requests >= limits.contactRequests) return 'THEIR_CONTACTS_FULL'
      return { mine: contactState.asked, theirs: contactState.requested, tell: 'requested' }
  }
}

/** Answers a request; accepting somebody who is a contact already changes nothing. */
export function answer(
  pair: Pair,
  accept: boolean,
  mine: ContactCounts,
): ContactStep | ContactReason {
  if (accept && pair.mine === contactState.contact) return { ...contacts, tell: undefined }
  if (pair.mine !== contactState.requested) return 'NO_REQUEST'
  return accept ? befriend(mine) : { ...strangers, tell: 'refused' }
}

/** Ends being contacts, or takes back a request; the other hears of the first only. */
export function remove(pair: Pair): ContactStep | ContactReason {
  if (pair.mine === contactState.contact) return { ...strangers, tell: 'removed' }
  if (pair.mine === contactState.asked) return { ...strangers, tell: undefined }
  return 'NOT_A_CONTACT'
}

/** Blocks somebody: open requests between the two are void, and nobody is told. */
export function block(pair: Pair, mine: ContactCounts): ContactStep | ContactReason {
  if (!pair.blockedByMe && mine.blocked >= limits.blocked) return 'BLOCKED_FULL'
  const stay = pair.mine === contactState.contact ? contacts : strangers
  return { ...stay, tell: undefined }
}

// The one who asked has been counted since; only the one who accepts grows.
function befriend(mine: ContactCounts): ContactStep | ContactReason {
  if (mine.contacts >= limits.contacts) return 'CONTACTS_FULL'
  return { ...contacts, tell: 'accepted' }
}
