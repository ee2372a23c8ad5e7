import { chat } from '@parley/proto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { helloOf } from '../harness/wire.ts'
import { described } from './descriptors.ts'
import type { Described } from './descriptors.ts'
import { addressOf, doors, openMethods } from './doors.ts'
import type { DoorName, Opener } from './doors.ts'
import { tampered } from './forger.ts'
import { openConnectDoor } from './connect-door.ts'
import { openGrpcDoor, reasonOf } from './grpc-door.ts'
import type { Credential, Door, GrpcDoor } from './grpc-door.ts'
import type { Stage } from './stage.ts'
import { tally } from './tally.ts'

/** Every method at every door by every credential, and every token that is no good. */
export function doorsMatrix(get: () => Stage): void {
  const count = tally('methods at doors')
  let stage: Stage
  let open: Readonly<Record<string, Door>>
  let streams: GrpcDoor

  beforeAll(() => {
    stage = get()
    const names = Object.keys(doors) as DoorName[]
    open = Object.fromEntries(names.map((name) => [name, openDoor(name)]))
    streams = openGrpcDoor(stage.world.relay)
  })
  afterAll(() => {
    for (const door of [...Object.values(open), streams]) door.close()
  })

  function openDoor(name: DoorName): Door {
    const address = addressOf(stage, name)
    return name === 'relay, public over HTTP' ? openConnectDoor(address) : openGrpcDoor(address)
  }

  /** Everything that somebody may present who should not get in, or not here. */
  const presented: Readonly<Record<string, () => Credential>> = {
    nothing: () => ({}),
    'a token of a user': () => bearer(stage.cast.outsider.login().accessToken),
    'a wrong service key': () => ({ 'parley-service-key': 'x'.repeat(43) }),
    'an empty service key': () => ({ 'parley-service-key': '' }),
    'the service key': () => ({ 'parley-service-key': stage.keys.service }),
    'the service key as a token': () => bearer(stage.keys.service),
    'a wrong operator key': () => ({ 'parley-operator-key': 'x'.repeat(43) }),
    'the operator key': () => ({ 'parley-operator-key': stage.keys.operator }),
    'the service key as operator': () => ({ 'parley-operator-key': stage.keys.service }),
    'the operator key as service': () => ({ 'parley-service-key': stage.keys.operator }),
  }

  const publicDoors = ['relay, public', 'relay, public over HTTP'] as const

  const refusal = {
    token: /^TOKEN_(MISSING|MALFORMED|INVALID)$/,
    'service key': /^KEY_INVALID$/,
    'operator key': /^KEY_INVALID$/,
    nothing: /^$/,
  }
  const opensBy: Readonly<Record<Opener, string>> = {
    nothing: '',
    token: 'a token of a user',
    'service key': 'the service key',
    'operator key': 'the operator key',
  }

  describe('every method at every door', () => {
    test('belongs to a service that is at one door at least', () => {
      const placed = new Set(Object.values(doors).flatMap((services) => Object.keys(services)))
      expect(described.filter(({ service }) => !placed.has(service)).map(({ key }) => key)).toEqual(
        [],
      )
    })

    const cells = Object.keys(doors).flatMap((door) =>
      Object.keys(presented).map((credential) => ({ door: door as DoorName, credential })),
    )
    test.each(cells)('of $door, asked with $credential', async ({ door, credential }) => {
      const services: Readonly<Record<string, Opener>> = doors[door]
      const given = presented[credential]!()
      const wrong: string[] = []
      await Promise.all(
        described.map(async (one) => {
          const answer = await open[door]!.ask(one.method.path, Buffer.alloc(0), given)
          const reason = reasonOf(answer)
          count.cell()
          if (!isRight(services[one.service], one, credential, reason)) {
            wrong.push(`${one.key}: ${reason}`)
          }
        }),
      )
      expect(wrong).toEqual([])
    })
  })

  function isRight(opener: Opener | undefined, one: Described, credential: string, reason: string) {
    if (opener === undefined) return reason === 'GRPC_12'
    const isIn = opener === 'nothing' || credential === opensBy[opener] || openMethods.has(one.key)
    // The stream says who it is in its first frame.
    if (one.key === 'Chat.connect') return /^(OK|HELLO_FIRST|TOKEN_\w+)$/.test(reason)
    return isIn
      ? reason !== 'GRPC_12' && !isTurnedAway(one.key, reason)
      : refusal[opener].test(reason)
  }

  // For whoever knocks, not for what is asked: but an empty refresh token is refused as one.
  function isTurnedAway(key: string, reason: string): boolean {
    return /^(KEY|TOKEN|LOGIN)_/.test(reason) && key !== 'Accounts.refresh'
  }

  /** Tokens that must open nothing, and what they are answered. */
  const badTokens: Readonly<
    Record<string, { reason: RegExp; token: () => Promise<string> | string }>
  > = {
    garbage: { reason: /^TOKEN_MALFORMED$|^TOKEN_INVALID$/, token: () => 'a.b.c' },
    "a stranger's key": { reason: /^TOKEN_INVALID$/, token: () => stage.stranger.access(owner()) },
    'expired an hour ago': { reason: /^TOKEN_EXPIRED$/, token: () => stage.past.access(owner()) },
    'made out to another': {
      reason: /^TOKEN_INVALID$/,
      token: () => {
        const { accessToken } = stage.cast.outsider.login()
        return tampered(accessToken, { sub: stage.cast.owner.userId })
      },
    },
    'for files and images only': {
      reason: /^TOKEN_INVALID$/,
      token: () => stage.relay.access(owner(), ['files', 'images']),
    },
    'a ticket': {
      reason: /^TOKEN_INVALID$/,
      token: () => stage.relay.ticket(stage.cast.owner.userId, stage.files[0].id, 'files'),
    },
    'a receipt': { reason: /^TOKEN_INVALID$/, token: () => stage.files[0].receipt },
    'a refresh token': { reason: /^TOKEN_/, token: () => owner().refreshToken },
    'of a login that never was': {
      reason: /^LOGIN_ENDED$|^TOKEN_/,
      token: () => stage.relay.access(owner()),
    },
    'of a login that has ended': { reason: /^LOGIN_ENDED$/, token: () => stage.ended.login },
    'of somebody shut out': { reason: /^DISABLED$|^LOGIN_ENDED$/, token: () => stage.ended.user },
  }

  // Of its own: Chat.connect, which says who it is in its first frame, and Accounts.logout, which a
  // token still reaches when it opens nothing else any more.
  const apart = new Set([...openMethods, 'Accounts.logout', 'Chat.connect'])
  const methodsOfUsers = described.filter(
    ({ key, service }) => service in doors['relay, public'] && !apart.has(key),
  )

  // Together: one that is signed with an unknown key waits until the keys were asked for again.
  describe.concurrent('a token that is no good', () => {
    test.each(Object.entries(badTokens))(
      '%s: every method answers the same, whatever it is asked',
      async (_name, { reason, token }) => {
        const given = bearer(await token())
        const reasons = await Promise.all(
          publicDoors.map(async (name) => {
            const answers = await askAll(open[name]!, given)
            const { answer } = answers[0]!
            expect(answers).toEqual(answers.map(({ key }) => ({ key, answer })))
            return reasonOf(answer)
          }),
        )
        expect(reasons[0]).toMatch(reason)
        expect(reasons).toEqual(reasons.map(() => reasons[0]))
      },
    )

    function askAll(door: Door, given: Credential) {
      return Promise.all(
        methodsOfUsers.flatMap(({ key, method }) =>
          // Bytes that are a request, and one that names something there is.
          [Buffer.alloc(0), naming(stage.closed.id)].map(async (bytes) => {
            count.cell()
            return { key, answer: await door.ask(method.path, bytes, given) }
          }),
        ),
      )
    }

    test.each(Object.entries(badTokens))(
      '%s: no stream opens',
      async (_name, { reason, token }) => {
        count.cell()
        const hello = helloOf({ accessToken: await token(), deviceId: owner().deviceId })
        const command = { $case: 'hello', value: hello } as const
        const { path, requestSerialize } = chat.ChatService.connect
        const frame = requestSerialize({ commands: [{ command }] })
        expect(reasonOf(await streams.listen(path, frame))).toMatch(reason)
      },
    )
  })

  test('no cell was left out', () => {
    const bad = Object.keys(badTokens).length
    const tokens = bad * methodsOfUsers.length * 2 * publicDoors.length
    const atDoors = Object.keys(doors).length * Object.keys(presented).length * described.length
    count.check(atDoors + tokens + bad)
  })

  function owner() {
    return stage.cast.owner.login()
  }

  function bearer(token: string): Credential {
    return { authorization: `Bearer ${token}` }
  }

  /** Field 1 or 2 of most requests is an id: both here. */
  function naming(id: Buffer): Buffer {
    return Buffer.concat([Buffer.from([0x0a, id.length]), id, Buffer.from([0x12, id.length]), id])
  }
}
