import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ChatClient } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { JavaProgram, compileJava, isJavaMissing } from '../harness/java.ts'
import { befriend, passwordOf } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const { OFFLINE, ONLINE } = chat.Availability
const isSkipped = isJavaMissing('the Java client of the seed')

/** Ann and carol at Java clients, bob at a modern one; all are friends, and in a group of bob's. */
async function setup() {
  const world = await testWorld({ env: { DIALECTS: 'grpc,java' } })
  const classes = path.join(world.folder, 'classes')
  await mkdir(classes)
  await compileJava(classes, 'qqcommon', 'qqclient')
  const [ann, bob, carol] = await Promise.all(['ann', 'bob', 'carol'].map((n) => world.person(n)))
  if (!ann || !bob || !carol) throw new Error('nobody is there')
  for (const other of [ann, carol]) await befriend(bob, other)
  await befriend(ann, carol)
  const modern = bob.connect()
  return {
    world,
    ann,
    bob,
    carol,
    modern,
    screen: screenOf(modern),
    java: programs(world, classes),
  }
}

function programs({ relay }: World, classes: string) {
  return (name: string, style: 'new' | 'one', password = passwordOf(name)) => {
    const [host = '', port = ''] = relay.split(':')
    const program = new JavaProgram(classes, [host, port, name, password, style])
    onTestFinished(() => program.kill())
    return program
  }
}

/** What a modern client is shown: `ann: hello`, and how others are: `ann is 1`. */
function screenOf(client: ChatClient): string[] {
  const screen: string[] = []
  client.on((event) => {
    if (event.type === 'presence') {
      for (const { userName, availability } of event.users) {
        screen.push(`${userName} is ${availability}`)
      }
    }
    if (event.type !== 'entries') return
    for (const { senderName, content } of event.entries) {
      const said = content?.content
      if (said?.$case === 'text') screen.push(`${senderName}: ${said.value.text}`)
    }
  })
  return screen
}

const seen = (screen: readonly string[], line: string) =>
  eventually(() => {
    if (!screen.includes(line)) throw new Error(`no "${line}" among: ${screen.join(' / ')}`)
  })

/** Waits until that is what was told of somebody last. */
const standing = (screen: readonly string[], name: string, how: chat.Availability) =>
  eventually(
    () => screen.findLast((line) => line.startsWith(`${name} is `)) === `${name} is ${how}`,
  )

/** The files that a modern client is told of, and where they lie. */
function filesAt(client: ChatClient) {
  const files: (chat.File & { readonly conversationId: string; readonly seq: number })[] = []
  client.on((event) => {
    if (event.type !== 'entries') return
    const { conversation, firstSeq, entries } = event
    const { conversationId } = conversation
    for (const [i, { content }] of entries.entries()) {
      const said = content?.content
      if (said?.$case === 'file') files.push({ ...said.value, conversationId, seq: firstSeq + i })
    }
  })
  return files
}

describe.skipIf(isSkipped)("the seed's Java client, compiled and run by a JDK", () => {
  test('logs in, lists, talks to a modern client and its like, and leaves cleanly', async () => {
    const { ann, bob, carol, modern, screen, java } = await setup()
    modern.watchPresence([], { contacts: true })
    await groupOf(bob, ann, carol)
    // Left for the absent.
    await modern.send(
      { userId: ann.userId },
      { content: { $case: 'text', value: { text: '在吗?' } } },
    )

    const wrong = java('ann', 'new', 'not the password')
    expect(await wrong.ended).toBe(0)
    expect(wrong.lines).toEqual(['登录失败'])

    const [first, second] = [java('ann', 'new'), java('carol', 'one')]
    await first.shows('bob 对 ann 说:在吗?')
    await second.shows('欢迎 carol')
    await Promise.all(['ann', 'carol'].map((name) => standing(screen, name, ONLINE)))
    first.type('list')
    await first.shows('用户:carol')
    expect(first.lines.filter((line) => line.startsWith('用户:'))).toEqual([
      '用户:ann',
      '用户:bob',
      '用户:carol',
    ])

    first.type('to bob 你好 \u{1f600}').type('to carol from a new stream each')
    second.type('to bob from one stream').type('to bob for all')
    await seen(screen, 'ann: 你好 \u{1f600}')
    await seen(screen, 'carol: for all')
    expect(screen).toContain('carol: from one stream')
    await second.shows('ann 对 carol 说:from a new stream each')

    second.type('all 大家好')
    await first.shows('carol#茶会 对 #茶会 说:大家好')
    await seen(screen, 'carol: 大家好')
    first.type('to carol#茶会 an answer')
    await second.shows('ann#茶会 对 #茶会 说:an answer')
    first.type('to nobody-here hello')
    await first.shows('not sent to nobody-here: there is no such user')

    first.type('exit')
    expect(await first.ended).toBe(0)
    await first.shows('ann退出系统')
    await standing(screen, 'ann', OFFLINE)
    second.type('exit')
    expect(await second.ended).toBe(0)
    await standing(screen, 'carol', OFFLINE)
    expect([first.errors, second.errors]).toEqual(['', ''])
  })

  test('sends files to a person and a group, which all can have, and is told when that is not possible', async () => {
    const { world, ann, bob, carol, modern, screen, java } = await setup()
    const files = filesAt(modern)
    await groupOf(bob, ann, carol)
    const bytes = randomBytes(300_000)
    const source = path.join(world.folder, 'holiday_photo.bin')
    await writeFile(source, bytes)
    const [first, second] = [java('ann', 'new'), java('carol', 'one')]
    await first.shows('欢迎 ann')
    await second.shows('欢迎 carol')

    first.type(`file bob ${source} D:\\autoexec.bat`).type('to bob behind the file')
    await seen(screen, 'ann: behind the file')
    second.type(`file #茶会 ${source} x`).type(`file ann ${source} x`)
    await first.shows('carol#茶会 对 #茶会 说:[file: holiday_photo.bin, 293 KiB]')
    await first.shows('carol 对 ann 说:[file: holiday_photo.bin, 293 KiB]')
    await eventually(() => files.length === 2)
    for (const [nth, { conversationId, seq, name, size, digest }] of files.entries()) {
      expect([name, size, digest.length]).toEqual(['holiday_photo.bin', bytes.length, 32])
      const target = path.join(world.folder, `${nth}.bin`)
      // The client compares digests, too.
      await modern.download({ conversationId, seq }, target)
      expect((await readFile(target)).equals(bytes)).toBe(true)
    }
    expect(files[0]?.digest.equals(files[1]?.digest ?? Buffer.alloc(0))).toBe(true)

    await world.kill('file-server')
    first.type(`file bob ${source} x`)
    await first.shows('not sent to bob: the file server is away; try again later')
    first.type('to bob goes on')
    await seen(screen, 'ann: goes on')
    expect([files.length, first.errors, second.errors]).toEqual([2, '', ''])
  })
})

async function groupOf(owner: Person, ...others: readonly Person[]): Promise<void> {
  const userIds = others.map(({ userId }) => Buffer.from(userId.replaceAll('-', ''), 'hex'))
  await owner.calls.groups.create({ title: '茶会', userIds })
}
