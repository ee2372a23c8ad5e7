import { FakeScheduler } from '@parley/testkit'
import { uuidv7 } from '@parley/service-kit'
import type { Command } from '../store/journal.ts'
import { batchRunner } from '../store/sqlite/batch.ts'
import { migrate, openDatabase } from '../store/sqlite/open-database.ts'
import { sqliteTx } from '../store/sqlite/tx/index.ts'
import type { AnswerOf, InputOf, ScriptName } from '../commands/index.ts'
import type { Login } from '../testing/engine-world.ts'
import { nameKey } from '../domain/names.ts'
import type { Sqlite } from '../store/sqlite/open-database.ts'

/** A group of the cast, whose founder never leaves. */
export interface CastGroup {
  readonly id: Buffer
  readonly founder: string
}

/** The people of every simulated world, as they are when it begins. */
export interface Cast {
  /** The database, to open as often as worlds begin. */
  readonly image: Buffer
  /** One per device; users have one or two. */
  readonly logins: readonly Login[]
  /** One more device, for the real client library. */
  readonly library: Login
  readonly groups: readonly CastGroup[]
}

const people = { ann: 2, bob: 2, cas: 1, dan: 2, eve: 1 } as const
/** Whose last device has the real client library. */
const libraryUser = 'dan'
const groups = [
  ['ann', 'bob', 'cas', 'dan', 'eve'],
  ['ann', 'bob', 'eve'],
] as const

let made: Cast | undefined

/** The same people in every world: made once per process. */
export function cast(): Cast {
  made ??= makeCast()
  return made
}

type Run = <Name extends ScriptName>(name: Name, input: InputOf<Name>) => AnswerOf<Name>

function makeCast(): Cast {
  const scheduler = new FakeScheduler({ seed: 7 })
  const db = openDatabase({ file: ':memory:' })
  migrate(db)
  const sources = { now: () => scheduler.now(), newId: () => uuidv7(scheduler) }
  const runBatch = batchRunner(db, sqliteTx(db, sources), (name, cause) => {
    throw new Error(`${name} failed`, { cause })
  })
  const run: Run = (name, input) => {
    const [outcome] = runBatch([{ name, input } as unknown as Command])
    if (outcome?.ok !== true) throw new Error(`${name} was refused`)
    return outcome.answer as AnswerOf<typeof name>
  }
  const logins = Object.entries(people).flatMap(([name, devices]) =>
    register(db, run, scheduler, name, devices),
  )
  befriendAll(run, logins)
  const made = groups.map((members) => makeGroup(run, logins, members))
  const image = db.serialize()
  db.close()
  const library = logins.findLast(({ name }) => name === libraryUser)
  if (library === undefined) throw new Error('nobody has the library')
  return { image, logins: logins.filter((each) => each !== library), library, groups: made }
}

function register(
  db: Sqlite,
  run: Run,
  scheduler: FakeScheduler,
  name: string,
  devices: number,
): Login[] {
  const password = `hash of ${name}`
  const fresh = () => ({
    loginId: scheduler.randomBytes(16),
    refreshHash: scheduler.randomBytes(32),
    deviceId: undefined,
    deviceName: 'laptop',
  })
  const account = { name, nameKey: nameKey(name), skeleton: name, password, codeHash: undefined }
  const first = fresh()
  run('registerAccount', { ...account, ...first })
  const logins = [loginOf(db, name, first.loginId)]
  for (let i = 1; i < devices; i += 1) {
    const next = fresh()
    const user = logins[0]?.user ?? 0
    run('createLogin', { user, verified: password, rehashed: undefined, ...next })
    logins.push(loginOf(db, name, next.loginId))
  }
  return logins
}

interface LoginRow {
  readonly user: number
  readonly user_id: Buffer
  readonly device: number
  readonly device_id: Buffer
}

function loginOf(db: Sqlite, name: string, loginId: Uint8Array): Login {
  const row = db
    .prepare<[Uint8Array], LoginRow>(
      `select u.id as user, u.public_id as user_id, d.id as device, d.public_id as device_id
       from logins l join users u on u.id = l.user join devices d on d.id = l.device
       where l.public_id = ?`,
    )
    .get(loginId)
  if (row === undefined) throw new Error('the login is not stored')
  const { user, user_id: userId, device, device_id: deviceId } = row
  const id = Buffer.from(loginId)
  return { name, user, userId, device, deviceId, loginId: id, token: id.toString('hex') }
}

function befriendAll(run: Run, logins: readonly Login[]): void {
  const users = [...new Map(logins.map((login) => [login.user, login])).values()]
  users.forEach((one, i) => {
    for (const other of users.slice(i + 1)) {
      run('requestContact', { user: one.user, otherId: other.userId, text: '' })
      run('answerContact', { user: other.user, otherId: one.userId, accept: true })
    }
  })
}

function makeGroup(run: Run, logins: readonly Login[], members: readonly string[]): CastGroup {
  const byName = (name: string) => {
    const login = logins.find((each) => each.name === name)
    if (login === undefined) throw new Error(`there is no ${name}`)
    return login
  }
  const [founder = '', ...others] = members
  const userIds = others.map((name) => byName(name).userId)
  const input = { user: byName(founder).user, title: 'a group', open: true, userIds }
  return { id: Buffer.from(run('createGroup', input).conversationId), founder }
}
