import { describe, expect, it, test } from 'vitest'
import {
  invite,
  objectionToDissolve,
  objectionToJoin,
  objectionToRemove,
  objectionToRename,
  objectionToSetRole,
  successor,
} from './group-rules.ts'
import type { InviteeFacts, InviteOutcome, Role } from './group-rules.ts'
import { limits } from './limits.ts'

const [member, admin, owner]: [Role, Role, Role] = [1, 2, 3]
const stranger = {
  isMember: false,
  blocked: false,
  isContact: false,
  isInvited: false,
  groups: 0,
  invitations: 0,
}
const small = { members: 3, invitations: 0 }

describe('groups', () => {
  test.each<[Partial<InviteeFacts>, InviteOutcome, string]>([
    [{ isContact: true }, 'join', 'a contact joins at once'],
    [{}, 'ask', 'a stranger is asked'],
    [{ isInvited: true }, 'asked', 'a stranger is asked once'],
    [{ isMember: true, isContact: true }, 'member', 'a member is one already'],
    [{ isContact: true, blocked: true }, 'refused', 'who blocks cannot be invited'],
    [{ isContact: true, groups: limits.groups }, 'refused', 'a contact in too many groups'],
    [{ invitations: limits.invitationsOfUser }, 'refused', 'a stranger with too many invitations'],
  ])('answers an invitation of %o with %s: %s', (facts, outcome) => {
    expect(invite({ ...stranger, ...facts }, small)).toBe(outcome)
  })

  it('stop inviting when they are full', () => {
    expect(invite(stranger, { ...small, invitations: limits.invitations })).toBe('refused')
    expect(invite({ ...stranger, isContact: true }, { ...small, members: limits.members })).toBe(
      'refused',
    )
    expect(objectionToJoin(0, limits.members)).toBe('GROUP_FULL')
    expect(objectionToJoin(limits.groups, 0)).toBe('GROUPS_FULL')
    expect(objectionToJoin(limits.groups - 1, limits.members - 1)).toBeUndefined()
  })

  test.each([
    [owner, admin, undefined],
    [owner, member, undefined],
    [admin, member, undefined],
    [admin, admin, 'OWNER_ONLY'],
    [admin, owner, 'OWNER_ONLY'],
    [member, member, 'ADMINS_ONLY'],
    [member, owner, 'ADMINS_ONLY'],
  ] as const)('let role %i remove role %i: %s', (actor, target, objection) => {
    expect(objectionToRemove(actor, target)).toBe(objection)
  })

  it('keep roles, the title and the end for those who may', () => {
    expect([member, admin, owner].map((each) => objectionToSetRole(each, false))).toEqual([
      'OWNER_ONLY',
      'OWNER_ONLY',
      undefined,
    ])
    expect(objectionToSetRole(owner, true)).toBe('SELF')
    expect([member, admin, owner].map(objectionToRename)).toEqual([
      'ADMINS_ONLY',
      undefined,
      undefined,
    ])
    expect([member, admin, owner].map(objectionToDissolve)).toEqual([
      'OWNER_ONLY',
      'OWNER_ONLY',
      undefined,
    ])
  })

  it('go to the longest-serving admin, else member', () => {
    const members = [
      { user: 1, role: member },
      { user: 2, role: admin },
      { user: 3, role: admin },
    ]
    expect(successor(members)?.user).toBe(2)
    expect(successor(members.slice(0, 1))?.user).toBe(1)
    expect(successor([])).toBeUndefined()
  })
})
