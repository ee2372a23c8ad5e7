import { idBytes, idText } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Browser, isSkippedWithoutBrowser } from '../harness/browser/browser.ts'
import { servePage } from '../harness/browser/page-server.ts'
import type { WebPerson } from '../harness/browser/web-person.ts'
import { History } from '../harness/history.ts'
import type { Person } from '../harness/person.ts'
import { Reader } from '../harness/reader.ts'
import { testWorld } from '../harness/world.ts'

const isSkipped = isSkippedWithoutBrowser('a relay and a real browser')
const { ONLINE, OFFLINE } = chat.Availability
const password = 'correct horse of the page'

/** A relay that knows the page of one origin, Bob at it by gRPC, and a browser. */
async function setup() {
  const site = await servePage()
  onTestFinished(() => site.close())
  const world = await testWorld({ env: { WEB_ORIGINS: site.origin } })
  const [bob, browser] = await Promise.all([world.person('bob'), Browser.open()])
  return { site, world, bob, browser }
}

const base64 = (id: string) => Buffer.from(idBytes(id)).toString('base64')

/** A group that the page makes with a contact; its id in base64. */
async function groupOf(ann: WebPerson, annId: string, bob: Person): Promise<string> {
  await ann.call('Contacts/Request', { userId: base64(bob.userId) })
  await bob.calls.contacts.answer({ userId: Buffer.from(annId, 'base64'), accept: true })
  const request = { title: 'Page', userIds: [base64(bob.userId)] }
  const { group } = await ann.call<Made>('Groups/Create', request)
  return group.conversationId
}

interface Made {
  readonly group: { readonly conversationId: string }
}

const counted = (who: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${who} ${from + i}`)

describe.skipIf(isSkipped)('a page in a real browser', () => {
  test('chats with a client of gRPC: each message once and in order, also after a reload', async () => {
    const { site, world, bob, browser } = await setup()
    const ann = await browser.person(site.origin, world.relay)
    const { userId = '' } = await ann.enter('Register', 'ann', password)
    const conversationId = await groupOf(ann, userId, bob)
    await ann.open()
    const reader = new Reader(new History(), await bob.device('reader'), 'bob')
    onTestFinished(() => reader.close())
    const client = bob.connect({ transient: true })
    const group = { conversationId: idText(Buffer.from(conversationId, 'base64')) }
    const bobSays = (text: string) =>
      client.send(group, { content: { $case: 'text', value: { text } } })
    const toldOf = async (who: string) =>
      (await ann.told()).entries.filter(({ from }) => from === who).map(({ text }) => text)

    const seqs: number[] = []
    for (let n = 1; n <= 10; n += 1) {
      await bobSays(`bob ${n}`)
      seqs.push(await ann.say({ conversationId }, `ann ${n}`))
    }
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    await eventually(async () => (await toldOf('bob')).length >= 10)
    expect(await toldOf('bob')).toEqual(counted('bob', 1, 10))
    const before = (await ann.told()).entries

    await ann.reload()
    for (let n = 11; n <= 20; n += 1) await bobSays(`bob ${n}`)
    await ann.enter('Login', 'ann', password)
    await ann.open()
    await bobSays('bob 21')
    await eventually(async () => (await toldOf('bob')).length >= 11)
    expect(await toldOf('bob')).toEqual(counted('bob', 11, 21))
    const all = [...before, ...(await ann.told()).entries]
    const places = all.map(({ conversationId: id, seq }) => `${id} ${seq}`)
    expect(places).toEqual([...new Set(places)])

    const heard = () =>
      reader.log.entries.map(({ body }) => body).filter((body) => /^(ann|bob) \d+$/.test(body))
    await eventually(() => heard().length >= 31)
    const inTurn = counted('bob', 1, 10).flatMap((text, i) => [text, `ann ${i + 1}`])
    expect(heard()).toEqual([...inTurn, ...counted('bob', 11, 21)])
  })

  test('sees who comes and goes, is seen, and says goodbye', async () => {
    const { site, world, bob, browser } = await setup()
    const ann = await browser.person(site.origin, world.relay)
    const { userId = '' } = await ann.enter('Register', 'ann', password)
    await groupOf(ann, userId, bob)
    await ann.open()
    const client = bob.connect()
    const seen: string[] = []
    client.on((event) => {
      if (event.type !== 'presence') return
      seen.push(...event.users.map(({ userName, availability }) => `${userName} ${availability}`))
    })
    client.watchPresence([], { contacts: true })
    await eventually(async () => (await ann.told()).presence.at(-1) === 'bob ONLINE')
    await eventually(() => seen.at(-1) === `ann ${ONLINE}`)
    expect(await ann.bye()).toBe('1000')
    await eventually(() => seen.at(-1) === `ann ${OFFLINE}`)
    await ann.open()
    await eventually(() => seen.at(-1) === `ann ${ONLINE}`)
    await client.close()
    await eventually(async () => (await ann.told()).presence.at(-1) === 'bob OFFLINE')
  })

  test('of an origin that is not allowed gets nothing, whatever it knows', async () => {
    const { site, world, browser } = await setup()
    const ann = await browser.person(site.origin, world.relay)
    await ann.enter('Register', 'ann', password)
    await expect(ann.enter('Login', 'ann', 'wrong horse')).rejects.toThrow('CREDENTIALS_INVALID')
    const evil = await browser.person(site.otherOrigin, world.relay)
    await expect(evil.enter('Login', 'ann', password)).rejects.toThrow('Failed to fetch')
    await evil.steal(await ann.stored())
    await evil.begin()
    await eventually(async () => expect((await evil.told()).ending).toBe('1006'))
    await ann.open()
  })
})
