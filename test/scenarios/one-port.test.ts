import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { idBytes, idText } from '@parley/client'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Browser, isSkippedWithoutBrowser } from '../harness/browser/browser.ts'
import { servePage } from '../harness/browser/page-server.ts'
import type { WebPerson } from '../harness/browser/web-person.ts'
import { History } from '../harness/history.ts'
import { JavaProgram, compileJava, isJavaMissing } from '../harness/java.ts'
import { befriend, passwordOf } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { Reader } from '../harness/reader.ts'
import { TextPerson } from '../harness/text-person.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const what = 'clients of every dialect at one port'
const isSkipped = [isSkippedWithoutBrowser(what), isJavaMissing(what)].includes(true)
const names = ['gina', 'wes', 'tom', 'jo'] as const
const messagesEach = 10

/** Gina speaks gRPC, wes sits before a page, tom types at a raw socket, jo runs the Java client. All are in one group. */
async function setup() {
  const site = await servePage()
  onTestFinished(() => site.close())
  const env = { WEB_ORIGINS: site.origin, DIALECTS: 'grpc,websocket,text,java' }
  const [world, browser] = await Promise.all([testWorld({ env }), Browser.open()])
  onTestFinished(() => browser.close())
  const classes = path.join(world.folder, 'classes')
  await mkdir(classes)
  const people = await Promise.all(names.map((name) => world.person(name)))
  await Promise.all([compileJava(classes, 'qqcommon', 'qqclient'), meet(people)])
  const [gina] = people as [Person]
  const wes = await browser.person(site.origin, world.relay)
  const group = await groupOf(people)
  return { world, gina, wes, group, java: javaAt(world, classes) }
}

async function meet(people: readonly Person[]): Promise<void> {
  for (const [i, one] of people.entries()) {
    for (const other of people.slice(i + 1)) await befriend(one, other)
  }
}

/** As gRPC clients and as pages name it. */
async function groupOf([owner, ...others]: readonly Person[]) {
  const userIds = others.map(({ userId }) => Buffer.from(idBytes(userId)))
  const made = await owner?.calls.groups.create({ title: 'all', userIds })
  const id = made?.group?.conversationId ?? Buffer.alloc(16)
  return {
    id: { conversationId: idText(id) },
    base64: { conversationId: Buffer.from(id).toString('base64') },
  }
}

function javaAt({ relay }: World, classes: string) {
  const [host = '', port = ''] = relay.split(':')
  return () => {
    const program = new JavaProgram(classes, [host, port, 'jo', passwordOf('jo'), 'new'])
    onTestFinished(() => program.kill())
    return program
  }
}

const counted = (who: string, to = messagesEach, from = 1) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${who} ${from + i}`)
const saidBy = (texts: readonly string[], who: string) =>
  texts.filter((text) => new RegExp(`^${who} \\d+$`).test(text))
const javaTexts = ({ lines }: JavaProgram) =>
  lines.flatMap((line) => / 说:(.*)$/.exec(line)?.slice(1) ?? [])

/** Everybody has seen what each of the others has said, once and in its order. */
async function allHaveSeen(seen: Readonly<Record<string, () => Promise<string[]> | string[]>>) {
  for (const [reader, texts] of Object.entries(seen)) {
    for (const who of names.filter((name) => name !== reader)) {
      await eventually(async () => saidBy(await texts(), who).length >= messagesEach)
      expect(saidBy(await texts(), who), `${reader} reads ${who}`).toEqual(counted(who))
    }
  }
}

/** Who is online, as gina asks. */
async function online(gina: Person): Promise<string[]> {
  const { users } = await gina.calls.accounts.listOnline({})
  return users.map(({ name }) => name).toSorted()
}

/** The online list of each shows all. */
async function listsShowAll(gina: Person, wes: WebPerson, tom: TextPerson, jo: JavaProgram) {
  await eventually(async () => expect(await online(gina)).toEqual(['jo', 'tom', 'wes']))
  const { users } = await wes.call<{ users: { name: string }[] }>('Accounts/ListOnline')
  expect(users.map(({ name }) => name).toSorted()).toEqual(['gina', 'jo', 'tom'])
  expect(await tom.list()).toEqual(['gina', 'jo', 'tom', 'wes', '#all'])
  jo.type('list')
  for (const name of names) await jo.shows(`用户:${name}`)
}

async function exits(jo: JavaProgram): Promise<void> {
  jo.type('exit')
  expect(await jo.ended).toBe(0)
  expect(jo.errors).toBe('')
}

const tomTexts = ({ messages }: TextPerson) => messages.map(({ text }) => text)

describe.skipIf(isSkipped)('one port', () => {
  test('serves gRPC, a page in a browser, the text protocol and the Java client in one group: each sees the others, live, in lists, and after having been away', async () => {
    const { world, gina, wes, group, java } = await setup()
    const ginaHere = gina.connect()
    const reader = new Reader(new History(), await gina.device('reader'), 'gina')
    onTestFinished(() => reader.close())
    await wes.enter('Login', 'wes', passwordOf('wes'))
    await wes.open()
    const [tom, jo] = [await TextPerson.login(world.relay, 'tom'), java()]
    await jo.shows('欢迎 jo')
    const ginaSays = (text: string) =>
      ginaHere.send(group.id, { content: { $case: 'text', value: { text } } })
    const wesSays = (text: string) => wes.say(group.base64, text)

    // All at once, each in its own order.
    await Promise.all([
      inTurn(counted('gina'), ginaSays),
      inTurn(counted('wes'), wesSays),
      inTurn(counted('tom'), (text) => tom.say('#all', text)),
      inTurn(counted('jo'), (text) => Promise.resolve(jo.type(`to #all ${text}`))),
    ])
    await allHaveSeen({
      gina: () => reader.log.entries.map(({ body }) => body),
      wes: async () => (await wes.told()).entries.map(({ text }) => text ?? ''),
      tom: () => tomTexts(tom),
      jo: () => javaTexts(jo),
    })
    await listsShowAll(gina, wes, tom, jo)

    // Two leave, and the others see it; when they come back they get what they have missed, and that alone.
    await Promise.all([exits(jo), tom.leave()])
    await eventually(async () => expect(await online(gina)).toEqual(['wes']))
    await inTurn(counted('gina', 15, 11), ginaSays)
    await inTurn(counted('wes', 15, 11), wesSays)
    const [tomAgain, joAgain] = [await TextPerson.login(world.relay, 'tom'), java()]
    for (const texts of [() => tomTexts(tomAgain), () => javaTexts(joAgain)]) {
      for (const who of ['gina', 'wes']) {
        await eventually(() => saidBy(texts(), who).length >= 5)
        expect(saidBy(texts(), who)).toEqual(counted(who, 15, 11))
      }
      expect([...saidBy(texts(), 'tom'), ...saidBy(texts(), 'jo')]).toEqual([])
    }

    // So do the other two.
    expect(await wes.bye()).toBe('1000')
    await Promise.all([ginaHere.close(), reader.close()])
    await eventually(async () => expect(await tomAgain.list()).toEqual(['jo', 'tom', '#all']))
    await Promise.all([exits(joAgain), tomAgain.leave()])
    expect(world.deaths()).toEqual([])
  })
})

async function inTurn(texts: readonly string[], say: (text: string) => Promise<unknown>) {
  for (const text of texts) await say(text)
}
