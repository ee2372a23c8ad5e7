import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventCase, Wire } from '../harness/wire.ts'
import { bytesOf } from './bytes-of.ts'
import { actors } from './cast.ts'
import type { Actor } from './cast.ts'
import type { Row } from './expectations.ts'
import { openGrpcDoor, reasonOf } from './grpc-door.ts'
import type { Answer } from './grpc-door.ts'
import { casesOf } from './oneof-cases.ts'
import type { Stage } from './stage.ts'
import { contents } from './stream-contents.ts'
import { commanded, conversationOf, offerOf, ofStream } from './stream-expectations.ts'
import type { Commanded } from './stream-expectations.ts'
import { fence, hasHeard, plain, refusalIn, tellOf } from './stream-probe.ts'
import type { CommandCase } from './stream-probe.ts'
import { opened, openingsMatrix } from './stream-openings.ts'
import { openStreamScene } from './stream-scene.ts'
import type { StreamScene } from './stream-scene.ts'
import { tally } from './tally.ts'

/** Every command of a stream, by everybody, about every object; and by nobody. */
export function streamsMatrix(get: () => Stage): void {
  const count = tally('commands of streams by actors by objects')
  const commands = casesOf((bytes) => chat.Command.decode(bytes), 'command')
  let scene: StreamScene

  beforeAll(async () => {
    scene = await openStreamScene(get())
    await offerAll(scene)
  })
  afterAll(() => {
    for (const wire of [scene.observer, ...Object.values(scene.wires)]) wire.close()
  })

  describe('every command of a stream', () => {
    test('has a row, and so has every kind of message', () => {
      const rows = new Set(
        Object.keys({ ...commanded, ...opened }).map((name) => name.split(' ')[0]),
      )
      const names = commands.map(({ name }) => name)
      expect(names.length).toBeGreaterThan(10)
      const has = (name: string) => rows.has(name) || ofStream.has(name)
      expect(names.filter((name) => !has(name))).toEqual([])
      const kinds = casesOf((bytes) => chat.Content.decode(bytes), 'content')
      expect(kinds.map(({ name }) => name).toSorted()).toEqual(Object.keys(contents).toSorted())
    })

    test.each([...ofStream])('%s names nobody and nothing', (name) => {
      const blank = commands.find((one) => one.name === name)?.blank
      expect(Object.keys(blank as object).filter((field) => /ids?$/i.test(field))).toEqual([])
    })

    test('is refused alike before a hello, whatever it names', async () => {
      const door = openGrpcDoor(scene.world.relay)
      const { path, requestSerialize } = chat.ChatService.connect
      const first = (command: CommandCase) =>
        door.listen(path, requestSerialize({ commands: [{ command }] }))
      const blanks = commands.filter(({ name }) => name !== 'hello')
      const asked = blanks.map(({ name, blank }) => ({ $case: name, value: blank }) as CommandCase)
      const named = Object.values(commanded).flatMap((about) =>
        Object.keys(about.objects).map((name) => about.command(name, true, scene, 'owner')),
      )
      const answers: Answer[] = []
      for (const command of [...asked, ...named]) answers.push(await first(command))
      door.close()
      expect(reasonOf(answers[0]!)).toBe('HELLO_FIRST')
      expect(answers).toEqual(answers.map(() => answers[0]))
    })
  })

  describe('every command, actor and object', () => {
    test.each(Object.entries(commanded))('%s', async (_name, about) => {
      const wrong: string[] = []
      // First what is refused, of which nobody hears, then what succeeds; all actors at once, each by their stream.
      for (const isAllowed of [false, true]) {
        await Promise.all(
          actors.map(async (actor) => wrong.push(...(await wrongOf(about, actor, isAllowed)))),
        )
        await Promise.all([scene.observer, ...Object.values(scene.wires)].map(fence))
      }
      expect(wrong).toEqual([])
    })
  })

  async function wrongOf(about: Commanded, actor: Actor, isAllowed: boolean): Promise<string[]> {
    const wrong: string[] = []
    for (const [name, row] of Object.entries(about.objects)) {
      const wanted = verdictOf(row, actor)
      if ((wanted === 'ok') !== isAllowed) continue
      count.cell()
      const got = await verdict(about, name, actor, isAllowed)
      if (got !== wanted) wrong.push(`${actor} x ${name}: ${got}, not ${wanted}`)
    }
    return wrong
  }

  async function verdict(about: Commanded, name: string, actor: Actor, isAllowed: boolean) {
    const wire = scene.wires[actor]
    const command = about.command(name, true, scene, actor)
    const listening = listenersOf(command, actor)
    const heardFrom = listening.map((one) => one.events.length)
    const never = await tellOf(wire, about.command(name, false, scene, actor), scene.hall)
    const wireFrom = wire.events.length
    const there = await tellOf(wire, command, scene.hall)
    await fence(scene.observer)
    const hasEffect = () =>
      isDone(
        command,
        name,
        actor,
        wire.events.slice(wireFrom),
        listening.flatMap((one, at) => one.events.slice(heardFrom[at])),
      )
    if (isAllowed) await eventually(hasEffect).catch(() => undefined)
    if (hasEffect()) return 'ok'
    const isSame = JSON.stringify(plain(there)) === JSON.stringify(plain(never))
    return isSame ? 'missing' : (refusalIn(there) ?? `told ${plain(there).join()}`)
  }

  /** Who may overhear it: a path without servers is the business of the other of the two alone. */
  function listenersOf(command: CommandCase, actor: Actor): Wire[] {
    if (command.$case !== 'direct') return [scene.observer]
    return [scene.observer, ...Object.values(scene.wires)].filter(
      (wire) => wire !== scene.wires[actor],
    )
  }

  /** Whether a command did what it is for, by what the actor was told and what another one overheard. */
  function isDone(
    command: CommandCase,
    name: string,
    actor: Actor,
    told: readonly EventCase[],
    heard: readonly EventCase[],
  ): boolean {
    switch (command.$case) {
      case 'send':
        return told.some(({ $case }) => $case === 'accepted')
      case 'watch':
        return told.some((event) => event.$case === 'watching' && event.value.count > 0)
      case 'pull': {
        const conversation = conversationOf(name, scene)
        return told.some(
          (event) => event.$case === 'entries' && event.value.conversationId.equals(conversation),
        )
      }
      default: {
        const conversation = conversationOf(name, scene)
        return hasHeard(heard, conversation, bytesOf(scene.cast[actor]))
      }
    }
  }

  function verdictOf(row: Row, actor: Actor): string {
    return row[actor] ?? row.others
  }

  // Last: a hello of a device ends its stream of before.
  describe('opening and keeping a stream', () => openingsMatrix(() => scene, count))

  test('no cell was left out', () => {
    const objects = Object.values(commanded).flatMap((about) => Object.keys(about.objects)).length
    const openings = Object.values(opened).flatMap((about) => Object.keys(about.objects)).length
    count.check((objects + openings) * actors.length)
  })
}

/** Whoever could be told of an offer has made one. */
async function offerAll({ observer, wires, direct, withBlocked }: StreamScene): Promise<void> {
  const all = [observer, wires.owner, wires.member, wires.blocked]
  for (const wire of all) wire.write(offerOf(direct.id), offerOf(withBlocked))
  // First all are heard, then what was handed on of them has come.
  for (let round = 0; round < 2; round += 1) await Promise.all(all.map(fence))
}
