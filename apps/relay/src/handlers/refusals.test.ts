import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAppError } from '@parley/errors'
import { openSigningKeys } from '@parley/grpc-kit'
import { chat, common } from '@parley/proto'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { accountsRows } from '../testing/refusals/accounts.ts'
import { attachmentsRows } from '../testing/refusals/attachments.ts'
import { changed, makeCast } from '../testing/refusals/cast.ts'
import type { Cast, Row } from '../testing/refusals/cast.ts'
import { contactsRows } from '../testing/refusals/contacts.ts'
import { groupsRows } from '../testing/refusals/groups.ts'
import { historyRows } from '../testing/refusals/history.ts'
import { operatorsRows } from '../testing/refusals/operators.ts'
import { upgradesRows } from '../testing/refusals/upgrades.ts'
import { internalKey, startRelayWorld } from '../testing/relay-world.ts'
import type { Caller } from '../testing/relay-world.ts'

interface Method {
  readonly path: string
  readonly requestDeserialize: (bytes: Buffer) => object
}

type Service = Readonly<Record<string, Method>>

/** Every unary service of the relay with its refusals; a method without an entry does not compile. */
const services: readonly (readonly [string, Service, Readonly<Record<string, readonly Row[]>>])[] =
  [
    ['accounts', chat.AccountsService, accountsRows],
    ['contacts', chat.ContactsService, contactsRows],
    ['groups', chat.GroupsService, groupsRows],
    ['history', chat.HistoryService, historyRows],
    ['attachments', chat.AttachmentsService, attachmentsRows],
    ['upgrades', chat.UpgradesService, upgradesRows],
    ['operators', chat.OperatorsService, operatorsRows],
  ]

const methods = services.flatMap(([service, definition, rows]) =>
  Object.entries(definition).map(([name, { path, requestDeserialize }]) => {
    const isMutating = 'requestId' in requestDeserialize(Buffer.alloc(0))
    return { key: `${service}.${name}`, service, path, isMutating, rows: rows[name] }
  }),
)
const open = new Set(['accounts.register', 'accounts.login', 'accounts.refresh'])
const forUsers = methods.filter(({ key, service }) => !open.has(key) && service !== 'operators')
const forOperators = methods.filter(({ service }) => service === 'operators')
const refusals = methods.flatMap(({ key, rows = [] }) => rows.map((each) => ({ key, ...each })))

describe('refusals', () => {
  let folder = ''
  let cast: Cast
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    const world = await startRelayWorld(folder)
    cast = await makeCast(world)
  })
  afterAll(async () => {
    await cast.close()
    await rm(folder, { recursive: true, force: true })
  })

  const refused = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call
      return 'accepted'
    } catch (error) {
      if (isAppError(error)) return error.reason
      throw error
    }
  }
  const caller = (key: string): Caller => {
    if (open.has(key)) return cast.nobody
    return key.startsWith('operators.') ? cast.operator : cast.alice
  }

  it('are listed for every method that the descriptors know', () => {
    expect(methods.filter(({ rows }) => rows === undefined).map(({ key }) => key)).toEqual([])
    expect(methods.length).toBeGreaterThan(35)
  })

  test.each(refusals)('$key answers $reason: $note', async ({ reason, call }) => {
    expect(await refused(call(cast))).toBe(reason)
  })

  test.each(forUsers)('$key wants a token that is good', async ({ path }) => {
    const body = Buffer.alloc(0)
    expect(await refused(cast.nobody.raw(path, body))).toBe('TOKEN_MISSING')
    const token = cast.alice.credentials.accessToken
    expect(await refused(cast.bearer(changed(token)).raw(path, body))).toMatch(/^TOKEN_/)
    expect(await refused(cast.bearer(token.split('.')[1]!).raw(path, body))).toMatch(/^TOKEN_/)
    const refresh = cast.alice.credentials.refreshToken
    expect(await refused(cast.bearer(refresh).raw(path, body))).toMatch(/^TOKEN_/)
  })

  test.each(forOperators)('$key wants the key of operators', async ({ path, service }) => {
    expect(service).toBe('operators')
    const body = Buffer.alloc(0)
    expect(await refused(cast.alice.raw(path, body))).toBe('GRPC_UNIMPLEMENTED')
    expect(await refused(cast.inner.raw(path, body))).toBe('KEY_INVALID')
  })

  test.each(methods.filter((each) => each.isMutating))(
    '$key wants a request id',
    async ({ key, path }) => {
      await expect(caller(key).raw(path, Buffer.alloc(0))).rejects.toMatchObject({
        reason: 'ID_MALFORMED',
        message: 'request_id must have 16 bytes',
      })
    },
  )

  test.each(methods)('$key answers bytes that are no request', async ({ key, path }) => {
    const torn = Buffer.from([0x0a, 0x7f, 1, 2])
    expect(await refused(caller(key).raw(path, torn))).toBe('REQUEST_MALFORMED')
  })

  test.each(methods)('$key answers a request over the limit', async ({ key, path }) => {
    const huge = Buffer.alloc(300 * 1024)
    expect(await refused(caller(key).raw(path, huge))).toBe('GRPC_RESOURCE_EXHAUSTED')
  })

  it('answers a number beyond 2^53', async () => {
    const seq = Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
    const path = '/parley.chat.v1.Attachments/CreateTicket'
    expect(await refused(cast.alice.raw(path, seq))).toBe('NUMBER_TOO_LARGE')
  })

  it('gives its signing keys to services only', async () => {
    const { path } = common.SigningKeysService.list
    expect(await refused(cast.inner.raw(path, Buffer.alloc(0)))).toBe('KEY_INVALID')
    expect(await refused(cast.operator.raw(path, Buffer.alloc(0)))).toBe('KEY_INVALID')
    const keys = openSigningKeys(cast.internalAddress, internalKey)
    expect(await keys.fetch()).toContain('Ed25519')
    keys.close()
  })

  it('repeats no request under another meaning', async () => {
    const requestId = randomBytes(16)
    await cast.alice.accounts.updateProfile({ requestId, nickname: 'Al' })
    const other = cast.alice.accounts.updateProfile({ requestId, nickname: 'Ally' })
    expect(await refused(other)).toBe('ID_CONFLICT')
    const remark = { requestId, userId: cast.bob.userId, remark: 'x' }
    expect(await refused(cast.alice.contacts.setRemark(remark))).toBe('ID_CONFLICT')
  })
})
