import type { Arena } from './arena.ts'
import type { CastGroup } from './cast.ts'
import type { Login } from '../testing/engine-world.ts'

type Change = 'join' | 'leave' | 'remove' | 'invite'

/** More come than go, since who is in already cannot come. */
const changes: readonly Change[] = [
  'join',
  'join',
  'invite',
  'invite',
  'invite',
  'invite',
  'leave',
  'remove',
]

/** Changes of who is in the groups, asked of any relay. */
export class MemberOps {
  readonly #arena: Arena

  constructor(arena: Arena) {
    this.#arena = arena
  }

  act(): void {
    const { clock, cast } = this.#arena
    const group = clock.pick(cast.groups)
    const member = clock.pick(cast.logins)
    if (member.name === group.founder) return
    const founder = cast.logins.find(({ name }) => name === group.founder)
    if (founder === undefined) return
    this.#arena.count.operations += 1
    const change = clock.pick(changes)
    this.#ask(change, change === 'join' || change === 'leave' ? member : founder, member, group)
  }

  #ask(change: Change, asking: Login, member: Login, group: CastGroup): void {
    const note = this.#notes(change, asking, member, group)
    note('invoke')
    const about = { user: asking.user, conversationId: group.id }
    const otherId = member.userId
    const done = (outcome: { readonly ok: boolean; readonly reason?: string }) =>
      note(outcome.ok ? 'ok' : 'fail', outcome.reason)
    const { user } = asking
    if (change === 'join') this.#arena.call(user, 'joinGroup', about, done)
    else if (change === 'leave') this.#arena.call(user, 'leaveGroup', about, done)
    else if (change === 'remove') {
      this.#arena.call(user, 'removeMember', { ...about, otherId }, done)
    } else this.#arena.call(user, 'inviteToGroup', { ...about, userIds: [otherId] }, done)
  }

  #notes(change: Change, asking: Login, { userId }: Login, group: CastGroup) {
    const user = asking.userId.toString('hex')
    const who = { client: `${asking.name} by call`, user, device: '', session: '' }
    const facts = { f: 'member', change, conversation: group.id.toString('hex') } as const
    const member = userId.toString('hex')
    return (op: 'invoke' | 'ok' | 'fail', reason = '') =>
      this.#arena.recorder.note(
        who,
        op === 'fail' ? { op, ...facts, member, reason } : { op, ...facts, member },
      )
  }
}
