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
import { openConnectDoor } from './connect-door.ts'
import { openGrpcDoor, reasonOf } from './grpc-door.ts'
import type { Answer, Door } from './grpc-door.ts'
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
  let open: readonly Door[]

  beforeAll(() => {
    stage = get()
    open = [openGrpcDoor(stage.world.relay), openConnectDoor(stage.world.relay)]
  })
  afterAll(() => open.forEach((door) => door.close()))

  /** The answers of gRPC and of HTTP to the very same request, which is so one that is repeated. */
  async function ask(key: string, actor: Actor, request: object): Promise<Answer[]> {
    const { method } = methodOf(key)
    const authorization = `Bearer ${stage.cast[actor].login().accessToken}`
    const bytes = requestOf(method, request)
    const answers: Answer[] = []
    for (const door of open) answers.push(await door.ask(method.path, bytes, { authorization }))
    return answers
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
        for (const { messages } of await ask(key, actor, request)) {
          count.cell()
          const got = messages.join('').includes(needle(stage).toString('hex')) ? 'ok' : 'missing'
          if (got !== verdictOf(row, actor)) wrong.push(`${actor}: ${got}`)
        }
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
          const got = await verdicts(key, about, name, actor)
          got.forEach(() => count.cell())
          if (got.some((one) => one !== wanted)) {
            wrong.push(`${actor} x ${name}: ${got.join()}, not ${wanted}`)
          }
        }
      }
      expect(wrong).toEqual([])
    })
  })

  /** By gRPC and by HTTP. */
  async function verdicts(key: string, about: AnyAsked, name: string, actor: Actor) {
    const on = await stageFor(key, about, name, actor)
    const there = await ask(key, actor, about.request(name, on, actor))
    const never = await ask(key, actor, about.request('never', on, actor))
    return there.map((answer, door) => {
      if (JSON.stringify(answer) === JSON.stringify(never[door])) return 'missing'
      return answer.code === 0 ? 'ok' : reasonOf(answer)
    })
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
    count.check((objects + Object.keys(listed).length) * actors.length * open.length)
  })
}
