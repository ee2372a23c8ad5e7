import { tampered } from './forger.ts'
import type { Stage } from './stage.ts'

/** One of the two servers that speak HTTP. */
export type Service = 'files' | 'images'

/** Nothing that opens a door, an access token for it, or a ticket for one object there. */
type Kind = 'nothing' | 'access' | 'ticket'

/** Somebody with what they present. */
export interface Bearer {
  readonly name: string
  readonly kind: Kind
  /** A ticket is made anew each time: it lives for a minute. */
  readonly token: () => string | undefined | Promise<string>
  /** Of a ticket: which object it is for. */
  readonly ofId?: string
}

/** What a bearer may be told of. */
export interface Objects {
  /** What the ticket that the relay gave is for. */
  readonly sharedId: string
  readonly ticket: string
  readonly otherId: string
}

/** An id that nothing ever had. */
export const neverId = 'n'.repeat(32)

const other = { files: 'images', images: 'files' } as const

/** Everybody who may knock at one of the servers; the owner comes last. */
export async function bearersOf(stage: Stage, service: Service, on: Objects): Promise<Bearer[]> {
  const { cast, relay, past, stranger, keys, ended } = stage
  const { userId } = cast.member
  const [owner, member] = [cast.owner.login(), cast.member.login()]
  const nothing = (name: string, token?: string) =>
    ({ name, kind: 'nothing', token: () => token }) as const
  const access = (name: string, token: string) =>
    ({ name, kind: 'access', token: () => token }) as const
  const ticket = (name: string, ofId: string) =>
    ({ name, kind: 'ticket', ofId, token: () => relay.ticket(userId, ofId, service) }) as const
  const forOther = () => relay.ticket(userId, on.sharedId, other[service])
  return [
    nothing('nobody'),
    nothing('garbage', 'a.b.c'),
    nothing("a stranger's token", await stranger.access(owner)),
    nothing("a stranger's ticket", await stranger.ticket(userId, on.sharedId, service)),
    nothing('an expired token', await past.access(owner)),
    nothing('an expired ticket', await past.ticket(userId, on.sharedId, service)),
    nothing('a token made out to the owner', tampered(member.accessToken, { sub: owner.userId })),
    nothing('a ticket made longer', tampered(on.ticket, { exp: 4_000_000_000 })),
    nothing('a token for chat', await relay.access(owner, ['chat'])),
    nothing('a token for the other server', await relay.access(owner, [other[service]])),
    { name: 'a ticket for the other', kind: 'nothing', token: forOther },
    nothing('a receipt', stage[service][0].receipt),
    nothing('a refresh token', owner.refreshToken),
    nothing('the service key', keys.service),
    nothing('the operator key', keys.operator),
    // Tokens are looked at, not asked about: until it expires it is one of the member's.
    access('a login that has ended', ended.login),
    access('a member', member.accessToken),
    access('somebody blocked', cast.blocked.login().accessToken),
    access('an outsider', cast.outsider.login().accessToken),
    ticket('who has a ticket', on.sharedId),
    ticket('who has a ticket for another', on.otherId),
    ticket('who has a ticket for what is gone', 'g'.repeat(32)),
    access('the owner', owner.accessToken),
  ]
}
