import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actors } from './cast.ts'
import type { Actor } from './cast.ts'
import { described } from './descriptors.ts'
import type { Described } from './descriptors.ts'
import { doors, openMethods } from './doors.ts'
import {
  accountsAsked,
  attachmentsAsked,
  contactsAsked,
  groupsAsked,
  historyAsked,
  listed,
  ofCaller,
  upgradesAsked,
} from './expectations.ts'
import type { Asked, Row } from './expectations.ts'
import { openGrpcDoor, reasonOf } from './grpc-door.ts'
import type { GrpcDoor } from './grpc-door.ts'
import { makeGroup } from './group-stage.ts'
import { requestOf } from './operator-call.ts'
import type { Stage } from './stage.ts'
import { tally } from './tally.ts'

/** Every method that a token opens, by every actor, about every object. */
export function objectsMatrix(get: () => Stage): void {
  type AnyAsked = Asked<object>

  // In this order: what changes how people stand to each other comes last.
  const asked: Readonly<Record<string, Readonly<Record<string, AnyAsked>>>> = {
    Attachments: attachmentsAsked,
    History: historyAsked,
    Upgrades: upgradesAsked,
    Groups: groupsAsked,
    Accounts: accountsAsked,
    Contacts: contactsAsked,
  }
  const methods = new Map(described.map((one) => [one.key, one]))
  const aboutObjects = Object.entries(asked).flatMap(([service, rows]) =>
    Object.entries(rows).map(([name, about]) => ({ key: `${service}.${name}`, about })),
  )

  const count = tally('methods by actors by objects')
  let stage: Stage
  let door: GrpcDoor

  beforeAll(() => {
    stage = get()
    door = openGrpcDoor(stage.world.relay)
  })
  afterAll(() => door.close())

  function ask(key: string, actor: Actor, request: object) {
    const { method } = methodOf(key)
    const authorization = `Bearer ${stage.cast[actor].login().accessToken}`
    return door.ask(method.path, requestOf(method, request), { authorization })
  }

  function methodOf(key: string): Described {
    const found = methods.get(key)
    if (found) return found
    throw new Error(`the descriptors know no ${key}`)
  }

  function verdictOf(row: Row, actor: Actor): string {
    return row[actor] ?? row.others
  }

  describe('every method that a token opens', () => {
    test('has a row', () => {
      const ofUsers = described.filter(
        ({ key, service }) => service in doors['relay, public'] && !openMethods.has(key),
      )
      const rows = new Set([...aboutObjects.map(({ key }) => key), ...Object.keys(listed)])
      const without = ofUsers.filter(({ key }) => !rows.has(key) && !ofCaller.has(key))
      // The stream's commands have a matrix of their own.
      expect(without.map(({ key }) => key)).toEqual(['Chat.connect'])
    })

    test.each([...ofCaller])('%s names nobody else', (key) => {
      const fields = Object.keys(methodOf(key).method.requestDeserialize(Buffer.alloc(0)))
      const ids = fields.filter((field) => /Ids?$/.test(field) && field !== 'requestId')
      // Whom a new group begins with is up to the rules of invitations.
      expect(ids).toEqual(key === 'Groups.create' ? ['userIds'] : [])
    })
  })

  describe('every list', () => {
    test.each(Object.keys(listed))('%s tells of what the caller may see', async (key) => {
      const { request, needle, row } = listed[key]!
      const wrong: string[] = []
      for (const actor of actors) {
        count.cell()
        const { messages } = await ask(key, actor, request)
        const got = messages.join('').includes(needle(stage).toString('hex')) ? 'ok' : 'missing'
        if (got !== verdictOf(row, actor)) wrong.push(`${actor}: ${got}`)
      }
      expect(wrong).toEqual([])
    })
  })

  describe('every method, actor and object', () => {
    test.each(aboutObjects)('$key', async ({ key, about }) => {
      const cells = Object.entries(about.objects).flatMap(([name, row]) =>
        actors.map((actor) => ({ name, actor, wanted: verdictOf(row, actor) })),
      )
      const wrong: string[] = []
      // First what is refused and so changes nothing, then what succeeds.
      for (const isAllowed of [false, true]) {
        for (const { name, actor, wanted } of cells) {
          if ((wanted === 'ok') !== isAllowed) continue
          count.cell()
          const got = await verdict(key, about, name, actor)
          if (got !== wanted) wrong.push(`${actor} x ${name}: ${got}, not ${wanted}`)
        }
      }
      expect(wrong).toEqual([])
    })
  })

  async function verdict(key: string, about: AnyAsked, name: string, actor: Actor) {
    const on = await stageFor(key, about, name, actor)
    const there = await ask(key, actor, about.request(name, on, actor))
    const never = await ask(key, actor, about.request('never', on, actor))
    if (JSON.stringify(there) === JSON.stringify(never)) return 'missing'
    return there.code === 0 ? 'ok' : reasonOf(there)
  }

  /** With a group of its own for a cell that changes it. */
  async function stageFor(key: string, { objects }: AnyAsked, name: string, actor: Actor) {
    const isFree = name !== 'closed' && name !== 'open'
    const changes = methodOf(key).isMutating && verdictOf(objects[name]!, actor) === 'ok'
    if (isFree || !changes) return stage
    const fresh = await makeGroup(stage.cast, name === 'open')
    return { ...stage, [name]: { ...stage[name], ...fresh } }
  }

  test('no cell was left out', () => {
    const objects = aboutObjects.flatMap(({ about }) => Object.keys(about.objects)).length
    count.check((objects + Object.keys(listed).length) * actors.length)
  })
}
