import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Login } from '../../testing/engine-world.ts'
import { JavaClient, userBytes } from '../../testing/java-client.ts'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { Person, RelayWorld } from '../../testing/relay-world.ts'
import { WireDevice } from '../../testing/wire-device.ts'
import { recorded } from './java-serialisation/recorded.ts'
import { writeMessage } from './java-serialisation/write-message.ts'

const password = 'correct horse'
const patiently = { timeoutMs: 30_000 }

let folder = ''
let world: RelayWorld
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  // Nobody listens there: what comes of files that are stored is a scenario of the whole system.
  const env = { DIALECTS: 'grpc,java', FILES_PUBLIC: 'http://127.0.0.1:1' }
  world = await startRelayWorld(folder, env)
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

let people = 0
/** Two friends whom nobody else knows. */
async function friends(): Promise<[Person, Person]> {
  people += 1
  const [ann, bob] = [await world.register(`ann${people}`), await world.register(`bob${people}`)]
  await befriend(ann, bob)
  return [ann, bob]
}

async function befriend(ann: Person, bob: Person): Promise<void> {
  await ann.contacts.request({ userId: bob.userId })
  await bob.contacts.answer({ userId: ann.userId, accept: true })
}

const dial = () => new JavaClient(world.publicAddress)

/** Somebody at a Java client, logged in. */
async function enter({ name }: Person): Promise<JavaClient> {
  const client = dial().logIn(name, password)
  await client.messages('1')
  return client
}

/** Somebody at a device that speaks gRPC. */
async function modern({ credentials }: Person): Promise<WireDevice> {
  const device = new WireDevice(world.publicAddress)
  onTestFinished(() => device.close())
  device.hello({ token: credentials.accessToken, deviceId: credentials.deviceId } as Login)
  await eventually(() => device.of('caughtUp').length > 0, patiently)
  return device
}

describe('logging in', () => {
  test('is granted to who knows the password', async () => {
    const [ann] = await friends()
    const client = dial().logIn(ann.name.toUpperCase(), password)
    expect(await client.messages('1')).toMatchObject([{ getter: ann.name }])
  })

  test.each([
    { note: 'a wrong password', bytes: userBytes('ann', 'wrong'), why: /password/ },
    { note: 'no name', bytes: recorded('user-without-password'), why: /./ },
    { note: 'a message', bytes: recorded('message'), why: /log in first/ },
    { note: 'another class', bytes: recorded('refused-list'), why: /java\.util\.ArrayList/ },
    { note: 'too much', bytes: userBytes('ann', 'x'.repeat(9_000)), why: /at most 8192 bytes/ },
    { note: 'a header of another version', bytes: 'aced0005aced0006', why: /no Java object/ },
  ])('is refused with words: $note', async ({ bytes, why }) => {
    const client = dial().write(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'hex'))
    await client.ended()
    expect(client.received).toMatchObject([{ mesType: '2', content: expect.stringMatching(why) }])
  })

  test('a second time is told that it is done', async () => {
    const [ann] = await friends()
    const client = (await enter(ann)).logIn(ann.name, password)
    await client.told(`you are logged in as ${ann.name}`)
  })
})

describe('what a JVM wrote by one stream', () => {
  test.each([
    { note: 'at once', piece: 100_000 },
    { note: 'in pieces of 7 bytes', piece: 7 },
  ])('is served: $note', async ({ piece }) => {
    const ann = await named('ann')
    const bob = await named('bob')
    if (piece > 7) await befriend(ann, bob)
    const device = await modern(bob)
    const before = texts(device).length
    const client = dial()
    const bytes = recorded('one-stream')
    for (let at = 0; at < bytes.length; at += piece) {
      client.write(bytes.subarray(at, at + piece))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.ended()
    const sent = ['one', 'two', 'after a reset', 'the same object twice', 'the same object twice']
    await eventually(() => texts(device).length >= before + sent.length, patiently)
    expect(texts(device).slice(before)).toEqual(sent)
    expect(client.received[0]).toMatchObject({ mesType: '1' })
  })
})

describe('messages', () => {
  test('go both ways between Java and modern clients, and cannot be forged', async () => {
    const [ann, bob] = await friends()
    const [client, device] = [await enter(ann), await modern(bob)]
    const message = { mesType: '3', sender: ann.name, getter: bob.name, content: '在吗? \u{1f600}' }
    client.send(message)
    await eventually(() => texts(device).includes('在吗? \u{1f600}'), patiently)
    client.send({ ...message, sender: bob.name, content: 'forged' })
    await client.told(`you are ${ann.name}`)
    device.send(1, { user: ann.userId }, '在 \u{1f600}')
    const answer = await client.told('在 \u{1f600}')
    expect(answer).toMatchObject({ sender: bob.name, getter: ann.name, content: '在 \u{1f600}' })
    expect(answer.sendTime).toMatch(/^\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/)
    expect(texts(device)).not.toContain('forged')
  })

  test('that cannot be sent are answered with words, and the session goes on', async () => {
    const [ann, bob] = await friends()
    const client = await enter(ann)
    const refused = [
      [
        { mesType: '3', getter: 'nobody-here', content: 'hi' },
        'nobody-here: there is no such user',
      ],
      [{ mesType: '3', getter: bob.name, content: '' }, `not sent to ${bob.name}: `],
      [{ mesType: '3', content: 'to nobody at all' }, 'there is no such user'],
      [{ mesType: '3', getter: bob.name, content: 'x'.repeat(16_385) }, '16384 bytes'],
      [{ mesType: '5', getter: bob.name, content: 'x' }, 'of this type are not served'],
      [{ mesType: '7', getter: '#x', content: 'x' }, 'not sent to #x: '],
      [{ mesType: '7', content: 'x' }, 'you are in no group'],
    ] as const
    for (const [message, why] of refused) await client.send(message).told(why)
    client.send({ mesType: '3', getter: bob.name, content: 'goes on' })
    expect(await (await enter(bob)).textsFrom(ann.name)).toEqual(['goes on'])
  })

  test('left for the absent come after the login, once and in order', async () => {
    const [ann, bob] = await friends()
    const device = await modern(bob)
    const first = (await enter(ann)).send({ mesType: '6', sender: ann.name })
    await first.ended()
    for (const text of ['one', 'two', 'three']) device.send(1, { user: ann.userId }, text)
    await eventually(() => device.of('accepted').length === 3, patiently)
    const second = await enter(ann)
    expect(await second.textsFrom(bob.name, 3)).toEqual(['one', 'two', 'three'])
    expect(second.received[0]!.mesType).toBe('1')
    second.bare.socket.destroy()
    await second.ended()
    device.send(1, { user: ann.userId }, 'four')
    const third = await enter(ann)
    expect((await third.textsFrom(bob.name)).at(-1)).toBe('four')
  })

  test("are told with the class of the client's own version, once it is known", async () => {
    const [ann, bob] = await friends()
    const client = await enter(ann)
    expect(client.uid).toBe(1n)
    client.send({ mesType: '3', getter: bob.name, content: '' }, -42n)
    await client.told('not sent to')
    expect(client.uid).toBe(-42n)
  })
})

describe('groups', () => {
  test('are written to by title, by an answer, and as the only one', async () => {
    const [ann, bob] = await friends()
    await ann.groups.create({ title: 'tea club', userIds: [bob.userId] })
    const [client, other] = [await enter(ann), await enter(bob)]
    await client.told('is your friend now')
    client.send({ mesType: '3', getter: '#tea club', content: 'one' })
    client.send({ mesType: '7', getter: 'tea club', content: 'two' })
    client.send({ mesType: '7', content: 'three' })
    const sender = `${ann.name}#tea club`
    expect(await other.textsFrom(sender, 3)).toEqual(['one', 'two', 'three'])
    other.send({ mesType: '3', getter: sender, content: 'an answer' })
    expect(await client.textsFrom(`${bob.name}#tea club`)).toEqual(['an answer'])
  })

  test('are named when it is not said which', async () => {
    const [ann, bob] = await friends()
    for (const title of ['tea', 'cake']) await ann.groups.create({ title, userIds: [bob.userId] })
    const client = await enter(ann)
    await client.told('is your friend now')
    client.send({ mesType: '7', content: 'hello' })
    await client.told('as getter: #cake, #tea')
  })
})

describe('bounds', () => {
  test('a client that goes before it has logged in is let go', async () => {
    const client = dial().write(userBytes('ann', 'x').subarray(0, 20))
    client.bare.socket.end()
    await client.ended()
    expect(client.received).toEqual([])
  })

  test('an object over the bound ends the connection with a reason', async () => {
    const [ann, bob] = await friends()
    const content = 'x'.repeat(400 * 1024)
    const client = (await enter(ann)).send({ mesType: '3', getter: bob.name, content })
    await client.ended()
    await client.told('an object has at most')
  })

  test('a file that cannot be stored is refused with words, and the session goes on', async () => {
    const [ann, bob] = await friends()
    const file = { src: 'a', dest: 'b', bytes: Buffer.alloc(2 * 1024 * 1024) }
    const client = (await enter(ann)).send({ mesType: '8', getter: bob.name, file })
    await client.told(`not sent to ${bob.name}: the file server is away`)
    client.send({ mesType: '3', getter: bob.name, content: 'goes on' })
    await (await enter(bob)).textsFrom(ann.name)
  })

  test('what a client asked before it ended its connection is done', async () => {
    const [ann, bob] = await friends()
    const device = await modern(bob)
    const client = await enter(ann)
    for (const content of ['one', 'two', 'three']) {
      client.send({ mesType: '3', getter: bob.name, content })
    }
    client.bare.socket.end()
    await client.ended()
    await eventually(() => texts(device).length === 3, patiently)
    expect(texts(device)).toEqual(['one', 'two', 'three'])
  })

  test('requests that come faster than they are served wait in the socket', async () => {
    const [ann, bob] = await friends()
    const [client, device] = [await enter(ann), await modern(bob)]
    const sent = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(1_000)}`)
    client.write(
      Buffer.concat(
        sent.map((content) => writeMessage({ mesType: '3', getter: bob.name, content }, 1n)),
      ),
    )
    client.send({ mesType: '6' })
    await client.ended()
    await eventually(() => texts(device).length === sent.length, patiently)
    expect(texts(device)).toEqual(sent)
  })
})

/** The account of this name, made when it is first asked for. */
const accounts = new Map<string, Promise<Person>>()
function named(name: string): Promise<Person> {
  const account = accounts.get(name) ?? world.register(name)
  accounts.set(name, account)
  return account
}

/** What others have said at a device, in order. */
function texts(device: WireDevice): string[] {
  return device
    .of('entries')
    .flatMap(({ entries }) => entries)
    .flatMap(({ content }) => {
      const inner = content?.content
      return inner?.$case === 'text' ? [inner.value.text] : []
    })
}
