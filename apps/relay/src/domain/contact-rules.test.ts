import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer, block, remove, request } from './contact-rules.ts'
import type { ContactStep, Pair } from './contact-rules.ts'
import { limits } from './limits.ts'

const few = { contacts: 0, requests: 0, blocked: 0 }
const open = { blockedByMe: false, blockedByThem: false }
const strangers: Pair = { mine: 1, theirs: 1, ...open }
const asked: Pair = { mine: 2, theirs: 3, ...open }
const requested: Pair = { mine: 3, theirs: 2, ...open }
const contacts: Pair = { mine: 4, theirs: 4, ...open }

describe('contacts', () => {
  it('become contacts by a request and an answer', () => {
    expect(request(strangers, few, few)).toEqual({ mine: 2, theirs: 3, tell: 'requested' })
    expect(answer(requested, true, few)).toEqual({ mine: 4, theirs: 4, tell: 'accepted' })
  })

  it('become contacts at once when both ask', () => {
    expect(request(requested, few, few)).toEqual({ mine: 4, theirs: 4, tell: 'accepted' })
  })

  it('are not told again of a request that is repeated', () => {
    expect(request(asked, few, few)).toEqual({ mine: 2, theirs: 3, tell: undefined })
    expect(request(contacts, few, few)).toEqual({ mine: 4, theirs: 4, tell: undefined })
  })

  it('stay strangers after a refusal, and the one who asked is told', () => {
    expect(answer(requested, false, few)).toEqual({ mine: 1, theirs: 1, tell: 'refused' })
  })

  it('cannot answer what was not asked', () => {
    expect(answer(strangers, true, few)).toBe('NO_REQUEST')
    expect(answer(asked, true, few)).toBe('NO_REQUEST')
    expect(answer(contacts, false, few)).toBe('NO_REQUEST')
  })

  it('lose each other by removal', () => {
    expect(remove(contacts)).toEqual({ mine: 1, theirs: 1, tell: 'removed' })
    expect(remove(asked)).toEqual({ mine: 1, theirs: 1, tell: undefined })
    expect(remove(strangers)).toBe('NOT_A_CONTACT')
    expect(remove(requested)).toBe('NOT_A_CONTACT')
  })

  it('cannot be asked by somebody they have blocked, nor while they are blocked', () => {
    expect(request({ ...strangers, blockedByThem: true }, few, few)).toBe('BLOCKED')
    expect(request({ ...strangers, blockedByMe: true }, few, few)).toBe('BLOCKED_BY_YOU')
  })

  it('lose open requests by a block, silently', () => {
    expect(block(requested, few)).toEqual({ mine: 1, theirs: 1, tell: undefined })
    expect(block(contacts, few)).toEqual({ mine: 4, theirs: 4, tell: undefined })
  })

  it('are bounded on both sides', () => {
    const full = { ...few, contacts: limits.contacts }
    expect(request(strangers, full, few)).toBe('CONTACTS_FULL')
    expect(request(requested, full, few)).toBe('CONTACTS_FULL')
    expect(answer(requested, true, full)).toBe('CONTACTS_FULL')
    expect(answer(requested, false, full)).toMatchObject({ tell: 'refused' })
    const busy = { ...few, requests: limits.contactRequests }
    expect(request(strangers, few, busy)).toBe('THEIR_CONTACTS_FULL')
    expect(block(strangers, { ...few, blocked: limits.blocked })).toBe('BLOCKED_FULL')
  })

  it('see each other alike after any run of actions', () => {
    const action = fc.constantFrom('request', 'accept', 'refuse', 'remove', 'block', 'unblock')
    fc.assert(
      fc.property(fc.array(fc.tuple(action, fc.boolean()), { maxLength: 40 }), (run) => {
        let pair = strangers
        for (const [what, byMe] of run) pair = next(pair, what, byMe)
        expect([
          [1, 1],
          [2, 3],
          [3, 2],
          [4, 4],
        ]).toContainEqual([pair.mine, pair.theirs])
      }),
    )
  })
})

function next(pair: Pair, what: string, byMe: boolean): Pair {
  const seen = byMe ? pair : flipped(pair)
  const after = acted(seen, what)
  return byMe ? after : flipped(after)
}

function acted(pair: Pair, what: string): Pair {
  const outcomes: Record<string, () => ContactStep | string> = {
    request: () => request(pair, few, few),
    accept: () => answer(pair, true, few),
    refuse: () => answer(pair, false, few),
    remove: () => remove(pair),
    block: () => block(pair, few),
    unblock: () => ({ mine: pair.mine, theirs: pair.theirs, tell: undefined }),
  }
  const step = outcomes[what]?.() ?? 'unknown'
  if (typeof step === 'string') return pair
  const blockedByMe = what === 'block' || (pair.blockedByMe && what !== 'unblock')
  return { ...pair, mine: step.mine, theirs: step.theirs, blockedByMe }
}

function flipped(pair: Pair): Pair {
  return {
    mine: pair.theirs,
    theirs: pair.mine,
    blockedByMe: pair.blockedByThem,
    blockedByThem: pair.blockedByMe,
  }
}
