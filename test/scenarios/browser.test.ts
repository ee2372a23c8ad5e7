import { idBytes, idText } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Browser, isSkippedWithoutBrowser } from '../harness/browser/browser.ts'
import { servePage } from '../harness/browser/page-server.ts'
import type { WebPerson } from '../harness/browser/web-person.ts'
import { History } from '../harness/history.ts'
import type { Person } from '../harness/person.ts'
import { Reader } from '../harness/reader.ts'
import { startWorld } from '../harness/world.ts'

const isSkipped = isSkippedWithoutBrowser('a relay and a real browser')
const { ONLINE, OFFLINE } = chat.Availability
const password = 'correct horse of the page'

/** A relay that knows the page of one origin, and a browser. */
async function openStage() {
  const site = await servePage()
  const [world, browser] = await Promise.all([
    startWorld({ env: { WEB_ORIGINS: site.origin } }),
    Browser.open(),
  ])
  const close = () => Promise.all([browser.close(), world.stop(), site.close()])
  return { site, world, browser, close }
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
  let stage: Awaited<ReturnType<typeof openStage>> | undefined
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  /** Somebody in front of a page, who has just registered, and a contact of theirs by gRPC. */
  async function setup(name: string) {
    const { site, world, browser } = stage!
    const ann = await browser.person(site.origin, world.relay)
    const { userId = '' } = await ann.enter('Register', name, password)
    const bob = await world.person(`${name}.friend`)
    const conversationId = await groupOf(ann, userId, bob)
    return { site, world, browser, ann, bob, conversationId }
  }

  test('chats with a client of gRPC: each message once and in order, also after a reload', async () => {
    const { ann, bob, conversationId } = await setup('ann')
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
    await eventually(async () => (await toldOf('ann.friend')).length >= 10)
    expect(await toldOf('ann.friend')).toEqual(counted('bob', 1, 10))
    const before = (await ann.told()).entries

    await ann.reload()
    for (let n = 11; n <= 20; n += 1) await bobSays(`bob ${n}`)
    await ann.enter('Login', 'ann', password)
    await ann.open()
    await bobSays('bob 21')
    await eventually(async () => (await toldOf('ann.friend')).length >= 11)
    expect(await toldOf('ann.friend')).toEqual(counted('bob', 11, 21))
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
    const { ann, bob } = await setup('seen')
    await ann.open()
    const client = bob.connect()
    const seen: string[] = []
    client.on((event) => {
      if (event.type !== 'presence') return
      seen.push(...event.users.map(({ userName, availability }) => `${userName} ${availability}`))
    })
    client.watchPresence([], { contacts: true })
    await eventually(async () => (await ann.told()).presence.at(-1) === 'seen.friend ONLINE')
    await eventually(() => seen.at(-1) === `seen ${ONLINE}`)
    expect(await ann.bye()).toBe('1000')
    await eventually(() => seen.at(-1) === `seen ${OFFLINE}`)
    await ann.open()
    await eventually(() => seen.at(-1) === `seen ${ONLINE}`)
    await client.close()
    await eventually(async () => (await ann.told()).presence.at(-1) === 'seen.friend OFFLINE')
  })

  test('of an origin that is not allowed gets nothing, whatever it knows', async () => {
    const { site, world, browser, ann } = await setup('robbed')
    await expect(ann.enter('Login', 'robbed', 'wrong horse')).rejects.toThrow('CREDENTIALS_INVALID')
    const evil = await browser.person(site.otherOrigin, world.relay)
    await expect(evil.enter('Login', 'robbed', password)).rejects.toThrow('Failed to fetch')
    await evil.steal(await ann.stored())
    await evil.begin()
    await eventually(async () => expect((await evil.told()).ending).toBe('1006'))
    await ann.open()
  })
})
