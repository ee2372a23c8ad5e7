import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chat } from '@parley/proto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRelayWorld } from '../../../testing/relay-world.ts'
import type { RelayWorld } from '../../../testing/relay-world.ts'

const password = 'correct horse'
const run = promisify(execFile)

let folder = ''
let world: RelayWorld
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  world = await startRelayWorld(folder, { WEB_ORIGINS: 'https://chat.example' })
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

/** What answers hold that tests look into. */
interface Told {
  readonly credentials: Readonly<
    Record<'accessToken' | 'refreshToken' | 'userId' | 'deviceId' | 'userName', string>
  >
  readonly devices: readonly unknown[]
  readonly contacts: readonly unknown[]
  readonly group: { readonly conversationId: string }
  readonly groups: readonly unknown[]
  readonly message: string
}

interface Answer {
  readonly status: number
  readonly reason: string | null
  readonly headers: Headers
  readonly text: string
  /** Of an answer in JSON. */
  readonly json: Told
}

const url = (method: string) => `http://${world.publicAddress}/parley.chat.v1.${method}`
const requestId = () => randomBytes(16).toString('base64')

/** Asks a method as a page would. */
async function ask(
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await fetch(url(method), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type') === 'application/json'
  const reason = answer.headers.get('parley-reason')
  const json = (isJson ? JSON.parse(text) : {}) as Told
  return { status: answer.status, reason, headers: answer.headers, text, json }
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

async function register(name: string) {
  const { json } = await ask('Accounts/Register', { requestId: requestId(), name, password })
  const { accessToken, userId } = json.credentials
  return { accessToken, userId, asking: bearer(accessToken) }
}

describe('accounts over HTTP', () => {
  test('register, log in, refresh and log out', async () => {
    const { userId } = await register('ann')
    const login = await ask('Accounts/Login', { requestId: requestId(), name: 'ann', password })
    expect(login.status).toBe(200)
    const { accessToken, refreshToken, ...rest } = login.json.credentials
    expect(rest).toMatchObject({ userId, userName: 'ann' })
    const fresh = await ask('Accounts/Refresh', { requestId: requestId(), refreshToken })
    expect(fresh.json.credentials).toMatchObject({ userId, deviceId: rest.deviceId })
    const devices = await ask('Accounts/ListDevices', {}, bearer(accessToken))
    expect(devices.json.devices).toHaveLength(2)
    const out = await ask('Accounts/Logout', { requestId: requestId() }, bearer(accessToken))
    expect(out).toMatchObject({ status: 200, json: {} })
    const over = await ask('Accounts/ListDevices', {}, bearer(accessToken))
    expect(over).toMatchObject({ status: 401, reason: 'LOGIN_ENDED' })
    expect(over.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('are those of gRPC: one repeats what the other asked', async () => {
    const id = randomBytes(16)
    const body = { requestId: id.toString('base64'), name: 'both', password }
    const first = await ask('Accounts/Register', body)
    const again = await world.nobody.accounts.register({ requestId: id, name: 'both', password })
    expect(again.credentials?.refreshToken).toBe(first.json.credentials.refreshToken)
  })

  test('take protobuf as well as JSON, and answer alike', async () => {
    await register('bytes')
    const asked = chat.LoginRequest.create({ requestId: randomBytes(16), name: 'bytes', password })
    const answer = await fetch(url('Accounts/Login'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/proto', 'Connect-Protocol-Version': '1' },
      body: chat.LoginRequest.encode(asked).finish(),
    })
    expect(answer.headers.get('content-type')).toBe('application/proto')
    const { credentials } = chat.LoginResponse.decode(await answer.bytes())
    expect(credentials).toMatchObject({ userName: 'bytes' })
  })

  test('are asked with curl', async () => {
    await register('curl')
    const body = { requestId: requestId(), name: 'curl', password }
    const json = ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)]
    const { stdout } = await run('curl', ['-sS', '--fail', ...json, url('Accounts/Login')])
    expect(JSON.parse(stdout)).toMatchObject({ credentials: { userName: 'curl' } })
  })
})

describe('the other services over HTTP', () => {
  test('make contacts and groups, and read what was written', async () => {
    const [ann, bob] = [await register('ann.too'), await register('bob.too')]
    const asked = { requestId: requestId(), userId: bob.userId }
    expect(await ask('Contacts/Request', asked, ann.asking)).toMatchObject({ status: 200 })
    const accepted = { requestId: requestId(), userId: ann.userId, accept: true }
    expect(await ask('Contacts/Answer', accepted, bob.asking)).toMatchObject({ status: 200 })
    const contacts = await ask('Contacts/List', {}, ann.asking)
    expect(contacts.json.contacts).toMatchObject([{ name: 'bob.too', userId: bob.userId }])
    const group = { requestId: requestId(), title: 'Hall', userIds: [bob.userId] }
    const made = await ask('Groups/Create', group, ann.asking)
    const { conversationId } = made.json.group
    const groups = await ask('Groups/List', {}, ann.asking)
    expect(groups.json.groups).toMatchObject([{ title: 'Hall', conversationId }])
    const read = await ask('History/ListMessages', { conversationId }, ann.asking)
    expect(read.status).toBe(200)
    expect(JSON.stringify(read.json)).toContain('membership')
  })
})

describe('a call over HTTP is refused', () => {
  const login = () => ({ requestId: requestId(), name: 'nobody.here', password })

  test('with the code, the reason and the words of gRPC', async () => {
    const answer = await ask('Accounts/Login', login())
    expect(answer).toMatchObject({
      status: 401,
      reason: 'CREDENTIALS_INVALID',
      json: { code: 'unauthenticated', message: 'the name or password is wrong' },
    })
    const grpc = await world.nobody.accounts
      .login({ name: 'nobody.here', password })
      .catch((error: unknown) => error)
    expect(grpc).toMatchObject({ reason: answer.reason, message: answer.json.message })
  })

  test.each([
    { note: 'no token', headers: {}, reason: 'TOKEN_MISSING' },
    { note: 'a token that is none', headers: bearer('a.b.c'), reason: 'TOKEN_MALFORMED' },
  ])('with $note', async ({ headers, reason }) => {
    const answer = await ask('Accounts/ListDevices', {}, headers)
    expect(answer).toMatchObject({ status: 401, reason, json: { code: 'unauthenticated' } })
  })

  test('when its token stands in the address', async () => {
    const { accessToken } = await register('in.the.address')
    const answer = await ask(`Accounts/ListDevices?access_token=${accessToken}`, {})
    expect(answer).toMatchObject({ status: 401, reason: 'TOKEN_MISSING' })
  })

  test('with what no token can hold is one without a token', async () => {
    const answer = await ask('Accounts/ListDevices', {}, bearer('a.\u00e9.c'))
    expect(answer).toMatchObject({ status: 401, reason: 'TOKEN_MISSING' })
  })

  test.each([
    { note: 'no JSON', body: '{' },
    { note: 'an empty body', body: '' },
    { note: 'JSON of another shape', body: '{"name":7}' },
    { note: 'a list', body: '[]' },
    { note: 'deep nesting', body: '['.repeat(60_000) },
    { note: 'a name that is no text', body: Buffer.from('{"name":"\xff"}', 'latin1') },
  ])('with $note', async ({ body }) => {
    const answer = await fetch(url('Accounts/Login'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('parley-reason')).toBe('REQUEST_MALFORMED')
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument' })
  })

  test('with a number that is too large', async () => {
    const { asking } = await register('numbers')
    const body = { conversationId: 'AAAA', beforeSeq: '9223372036854775807' }
    const answer = await ask('History/ListMessages', body, asking)
    expect(answer).toMatchObject({ status: 400, reason: 'NUMBER_TOO_LARGE' })
  })

  test.each([
    { type: 'text/plain', why: 'what a form can send unasked' },
    { type: 'application/json; charset=latin1', why: 'other characters' },
    { type: 'application/grpc-web+proto', why: 'another protocol' },
    { type: 'application/connect+json', why: 'a stream' },
  ])('in $type: $why', async ({ type }) => {
    const answer = await ask('Accounts/Login', login(), { 'Content-Type': type })
    expect(answer.status).toBe(415)
    expect(answer.headers.get('accept-post')).toBe('application/json, application/proto')
    expect(answer.text).toContain('application/json')
  })

  test.each(['Content-Encoding', 'Connect-Content-Encoding'])('with gzip in %s', async (name) => {
    const answer = await ask('Accounts/Login', login(), { [name]: 'gzip' })
    const json = { code: 'unimplemented' }
    expect(answer).toMatchObject({ status: 501, reason: 'ENCODING_UNSUPPORTED', json })
  })

  test.each([
    { header: 'Connect-Protocol-Version', value: '2', reason: 'PROTOCOL_UNSUPPORTED' },
    { header: 'Connect-Timeout-Ms', value: 'soon', reason: 'TIMEOUT_MALFORMED' },
  ])('with $header: $value', async ({ header, value, reason }) => {
    const answer = await ask('Accounts/Login', login(), { [header]: value })
    expect(answer).toMatchObject({ status: 400, reason, json: { code: 'invalid_argument' } })
  })

  test('when its time is over', async () => {
    const answer = await ask('Accounts/Login', login(), { 'Connect-Timeout-Ms': '0' })
    const json = { code: 'deadline_exceeded' }
    expect(answer).toMatchObject({ status: 504, reason: 'TIMED_OUT', json })
  })

  test.each([
    { type: 'application/json', bytes: 64 * 1024 },
    { type: 'application/proto', bytes: 256 * 1024 },
  ])('with more than $bytes bytes of $type', async ({ type, bytes }) => {
    const send = (body: string) => ask('Accounts/Login', body, { 'Content-Type': type })
    const answer = await send(' '.repeat(bytes + 1))
    const json = { code: 'resource_exhausted' }
    expect(answer).toMatchObject({ status: 413, reason: 'BODY_TOO_LARGE', json })
    expect(await send(' '.repeat(bytes))).toMatchObject({ status: 400 })
  })

  test('with a body that is too long and does not say so', async () => {
    const body = ReadableStream.from([Buffer.alloc(40_000), Buffer.alloc(40_000)])
    const headers = { 'Content-Type': 'application/json' }
    const asked = { method: 'POST', headers, body, duplex: 'half' } as const
    expect(await fetch(url('Accounts/Login'), asked)).toMatchObject({ status: 413 })
  })

  test('when it is a stream', async () => {
    const answer = await ask('Chat/Connect', {})
    expect(answer).toMatchObject({ status: 501, reason: 'STREAM_ONLY' })
    expect(answer.json).toMatchObject({ code: 'unimplemented' })
  })

  test.each(['Accounts/Nothing', 'Operators/ListUsers', 'Nothing/Login'])(
    'where there is none: %s',
    async (method) => {
      const answer = await ask(method, {})
      expect(answer.status).toBe(404)
      expect(answer.text).toContain('nothing here')
    },
  )

  test('by another method than POST', async () => {
    const answer = await fetch(`${url('Accounts/Login')}?message={}&encoding=json`)
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST, OPTIONS')
  })

  test('again and again, and told when to come again', async () => {
    const wrong = () => ask('Accounts/Login', { ...login(), name: 'guessed', password: 'x' })
    const answers: Answer[] = []
    for (let i = 0; i < 30 && answers.at(-1)?.status !== 429; i += 1) answers.push(await wrong())
    const last = answers.at(-1)
    expect(last).toMatchObject({ status: 429, json: { code: 'resource_exhausted' } })
    const waitMs = Number(last?.headers.get('parley-retry-after-ms'))
    expect(Number(last?.headers.get('retry-after'))).toBe(Math.ceil(waitMs / 1_000))
  })
})

describe('a page', () => {
  const preflight = (origin: string) =>
    fetch(url('Accounts/Login'), {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    })
  const login = (origin: string) =>
    ask('Accounts/Login', { requestId: requestId(), name: 'x', password }, { Origin: origin })

  test('that the operator has named may ask, and read the reason', async () => {
    const origin = 'https://chat.example'
    const { status, headers } = await preflight(origin)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-methods')).toBe('POST')
    expect(headers.get('access-control-allow-headers')).toMatch(/Authorization, Content-Type/)
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    const answer = await login(origin)
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/^Parley-Reason, /)
  })

  test('of the same host may, too', async () => {
    expect((await login(`http://${world.publicAddress}`)).status).toBe(401)
  })

  test.each(['https://evil.example', 'https://chat.example.evil.example', 'null'])(
    'of %s may not, not even ask whether it may',
    async (origin) => {
      for (const answer of [await preflight(origin), await login(origin)]) {
        expect(answer.status).toBe(403)
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
        expect(answer.headers.get('vary')).toBe('Origin')
      }
    },
  )

  test('never gets an answer that somebody keeps or takes for something else', async () => {
    const { accessToken } = await register('kept')
    const good = await ask('Accounts/ListDevices', {}, bearer(accessToken))
    for (const { headers } of [good, await login('https://chat.example'), await ask('x', {})]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('vary')).toBe('Origin')
    }
  })
})
