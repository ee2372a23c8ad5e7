import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bareSocket } from '../../testing/bare-socket.ts'
import { password, startTextWorld } from '../../testing/text-world.ts'
import type { TextWorld } from '../../testing/text-world.ts'
import { lineEscaping, textEscaping } from './escaping.ts'

const patiently = { timeoutMs: 30_000 }

let world: TextWorld
beforeAll(async () => (world = await startTextWorld()))
afterAll(() => world.close())

describe('logging in', () => {
  test('is granted to who knows the password, once, and nothing else is before', async () => {
    const [ann] = await world.friends()
    const client = world.dial().ask('102|', `103|${ann.name},x,hi`, `101|${ann.name},wrong`)
    client.ask('101|nobody,wrong', `101|${ann.name.toUpperCase()},${password}`)
    expect(await client.replies(5)).toEqual(['0|', '0|', '0|', '0|', '1|'])
    client.ask(`101|${ann.name},${password}`)
    expect((await client.replies(6)).at(-1)).toBe('0|')
  })

  test('takes a password with commas, bars and at-signs', async () => {
    const { credentials } = await world.relay.nobody.accounts.register({
      name: 'zoe',
      password: 'a,b|c@d,,e',
    })
    expect(credentials?.userName).toBe('zoe')
    expect(await world.dial().ask('101|zoe,a,b|c@d,,e').replies(1)).toEqual(['1|'])
  })

  test('elsewhere ends what was logged in before, and says so', async () => {
    const [ann, bob] = await world.friends()
    const device = await world.modern(bob)
    const first = await world.enter(ann)
    const second = await world.enter(ann)
    await first.ended()
    expect(first.messages.at(-1)).toEqual(['Server', 'this session was ended'])
    device.send(1, { user: ann.userId }, 'to the second')
    expect(await second.messagesFrom(1, bob.name)).toEqual(['to the second'])
    expect(first.received).not.toContain('to the second')
  })
})

describe('messages', () => {
  test('go to a modern device and come from it, whatever is in them', async () => {
    const [ann, bob] = await world.friends()
    const [client, device] = [await world.enter(ann), await world.modern(bob)]
    const texts = [
      'plain',
      'a,b|c@d',
      ',,',
      '102|',
      'one\ntwo\n',
      '＠｜↵，',
      '你好，👨‍👩‍👧 <b>&',
      '1|103@x@y',
    ]
    client.ask(...texts.map((text) => `103|${ann.name},${bob.name},${lineEscaping.escape(text)}`))
    expect(await client.replies(1 + texts.length)).toEqual(Array(1 + texts.length).fill('1|'))
    await eventually(() => expect(device.texts).toEqual(texts), patiently)
    for (const text of texts) device.send(1, { user: ann.userId }, text)
    const shown = await client.messagesFrom(texts.length, bob.name)
    expect(shown.map((text) => textEscaping.unescape(text))).toEqual(texts)
  })

  test('are written as the seed has them', async () => {
    const [ann, bob] = await world.friends()
    const [client, device] = [await world.enter(ann), await world.modern(bob)]
    device.send(1, { user: ann.userId }, 'How are you doing?')
    await client.messagesFrom(1, bob.name)
    expect(client.answers.at(-1)).toMatch(
      new RegExp(`^1\\|103@${bob.name}@How are you doing\\?@2\\d{3}-\\d+-\\d+ \\d+:\\d\\d:\\d\\d$`),
    )
  })

  test('name who has logged in as their sender, in any case, or are refused', async () => {
    const [ann, bob] = await world.friends()
    const [client, device] = [await world.enter(ann), await world.modern(bob)]
    const { name } = bob
    client.ask(`103|${name},${name},forged`, `103|,${name},nobody`, `103|Server,${name},x`)
    client.ask(`103|${ann.name.toUpperCase()},${name},real`)
    expect(await client.replies(5)).toEqual(['1|', '0|', '0|', '0|', '1|'])
    await eventually(() => expect(device.texts).toEqual(['real']), patiently)
  })

  test('that cannot be sent are answered 0|', async () => {
    const [ann, bob] = await world.friends()
    const client = await world.enter(ann)
    const to = `103|${ann.name},${bob.name}`
    client.ask(`103|${ann.name},nobody-here,hi`, `103|${ann.name},#no group,hi`, `${to},`, to)
    client.ask(`${to},${'x'.repeat(16_385)}`, `${to},${'x'.repeat(16_384)}`, '104|', '')
    expect((await client.replies(9)).slice(1)).toEqual('0| 0| 0| 0| 0| 1| 0| 0|'.split(' '))
  })

  test('left for the absent come after the login, once and in order', async () => {
    const [ann, bob] = await world.friends()
    const device = await world.modern(bob)
    const first = await world.enter(ann)
    first.socket.end()
    await first.ended()
    for (const text of ['one', 'two', 'three']) device.send(1, { user: ann.userId }, text)
    await eventually(() => device.of('accepted').length === 3, patiently)
    const second = await world.enter(ann)
    expect(await second.messagesFrom(3, bob.name)).toEqual(['one', 'two', 'three'])
    expect(second.answers[0]).toBe('1|')
    second.socket.end()
    await second.ended()
    const third = await world.enter(ann)
    device.send(1, { user: ann.userId }, 'four')
    expect(await third.messagesFrom(1, bob.name)).toEqual(['four'])
  })
})

describe('groups', () => {
  test('are listed, written to, answered, and their titles hold anything', async () => {
    const [ann, bob] = await world.friends()
    await world.group('tea, cake|@', ann, bob)
    const [client, other] = [await world.enter(ann), await world.enter(bob)]
    client.ask('102|')
    const [, list] = await client.replies(2)
    expect(list).toMatch(new RegExp(`^1\\|102@Server@${ann.name},#tea， cake｜＠@\\d.*:\\d\\d$`))
    client.ask(`103|${ann.name},#tea， cake｜＠,hello all`)
    const sender = `${ann.name}#tea， cake｜＠`
    expect(await other.messagesFrom(1, sender)).toEqual(['hello all'])
    other.ask(`103|${bob.name},${sender},hello back`)
    expect(await client.messagesFrom(1, `${bob.name}#tea， cake｜＠`)).toEqual(['hello back'])
    expect(client.messages.filter(([from]) => from === sender)).toEqual([])
  })

  test('are found by what is typed as it reads', async () => {
    const [ann, bob] = await world.friends()
    await world.group('喝茶，吃饼', ann, bob)
    const [client, device] = [await world.enter(ann), await world.modern(bob)]
    client.ask(`103|${ann.name},#喝茶，吃饼,你好`)
    expect(await client.replies(2)).toEqual(['1|', '1|'])
    await eventually(() => device.texts.includes('你好'), patiently)
  })
})

describe("the seed's client, which ends no lines and reads an answer with each read", () => {
  test('is answered byte for byte as the seed has it', async () => {
    const [ann, bob] = await world.friends()
    const device = await world.modern(bob)
    const before = await world.enter(ann)
    await before.messagesFrom(2, 'Server')
    before.socket.end()
    await before.ended()
    const { socket, got } = bareSocket(world.relay.publicAddress)
    const said = () => got.bytes.toString().replaceAll(/@[\d-]+ [\d:]{7,8}(?=[01]\||$)/g, '@time ')
    const isSaid = (text: string) => eventually(() => expect(said()).toBe(text), patiently)
    socket.write(`101|${ann.name},${password}`)
    await isSaid('1|')
    socket.write(`103|${ann.name},${bob.name},one\ntwo`)
    await isSaid('1|1|')
    await eventually(() => expect(device.texts).toEqual(['one\ntwo']), patiently)
    for (const text of ['three', 'four']) device.send(1, { user: ann.userId }, text)
    await isSaid(`1|1|1|103@${bob.name}@three@time 1|103@${bob.name}@four@time `)
  })
})
