import { randomBytes } from 'node:crypto'
import { chat } from '@parley/proto'
import { seededRandom } from '@parley/testkit'
import { index } from './search-world.ts'
import { emptyWorld } from './world.ts'
import type { World, WorldUser } from './world.ts'

const { Edit, Recall, Text } = chat
const words = ['tea', '北京', 'été', '🎂 cake', 'STEAM', "it's \\ 100 %", 'ﬁn']

/** A world in which everything has happened that a database can remember. */
export interface BusyWorld {
  readonly world: World
  readonly users: readonly WorldUser[]
  /** Public ids. */
  readonly conversations: readonly Uint8Array[]
  readonly requestIds: readonly Uint8Array[]
}

/** Makes one: seven users who write, read, edit, recall, block, come, go and vanish. */
export async function busyWorld(seed: number, steps = 400): Promise<BusyWorld> {
  const world = emptyWorld()
  const random = seededRandom(seed)
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  const users = ['ann', 'bob', '小明', 'dora', 'érik', 'fay', 'gus'].map((name) =>
    world.register(name),
  )
  for (const [index, user] of users.slice(1).entries()) world.befriend(user, users[index] ?? user)
  const conversations: Uint8Array[] = users.map((user) => notices(world, user))
  const requestIds: Uint8Array[] = []
  const stage: Stage = { world, random, pick, users, conversations, requestIds }
  for (let step = 0; step < steps; step += 1) {
    world.clock.nowMs += Math.floor(random() * 60_000)
    try {
      pick(deeds)(stage)
    } catch (error) {
      // Refused by a rule; everything else is a bug.
      if (!(error instanceof Error) || !/^[A-Z_]+$/.test(error.message)) throw error
    }
    if (step === steps >> 1) await index(world)
  }
  world.run('setDisabled', { nameKey: 'gus', disabled: true })
  publishUpgrades(world)
  world.run('publishKey', { kid: 'k1', issuer: 'relay', publicJwk: '{"kid":"k1"}' })
  return { world, users, conversations, requestIds }
}

function publishUpgrades(world: World): void {
  for (const n of [1, 2, 3, 4, 5]) {
    const place = { channel: n < 5 ? 'stable' : 'beta', platform: 'linux-x64' }
    const named = { version: `1.${n}.0`, minVersion: '1.0.0', fileId: `f${n}`, keyId: 'k' }
    const signed = { manifest: bytes(300), signature: bytes(64), publishedAtMs: n }
    world.run('publishUpgrade', { ...place, ...named, ...signed })
  }
}

interface Stage extends BusyWorld {
  readonly conversations: Uint8Array[]
  readonly requestIds: Uint8Array[]
  readonly random: () => number
  readonly pick: <T>(all: readonly T[]) => T
}

type Deed = (stage: Stage) => void

const say: Deed = (stage) => {
  const { world, pick, users, conversations, random } = stage
  const to = random() < 0.5 ? pick(users).userId : pick(conversations)
  const text = Text.create({ text: `${pick(words)} ${pick(words)}` })
  const { conversationId } = world.send(pick(users), to, { $case: 'text', value: text })
  if (!conversations.some((id) => Buffer.compare(id, conversationId) === 0)) {
    conversations.push(conversationId)
  }
}

const burst: Deed = (stage) => {
  const { world, pick, users, conversations } = stage
  const [from, to] = [pick(users), pick(conversations)]
  for (let i = 0; i < 70; i += 1) {
    world.send(from, to, { $case: 'text', value: Text.create({ text: `${i} ${pick(words)}` }) })
  }
}

const share: Deed = ({ world, pick, users, conversations }) => {
  const facts = { size: 1, digest: Buffer.alloc(32), mediaType: 'text/plain', name: 'a.txt' }
  const fileId = randomBytes(20).toString('base64url')
  world.send(pick(users), pick(conversations), { $case: 'file', value: { fileId, ...facts } })
}

const change: Deed = ({ world, pick, users, conversations, random }) => {
  const [who, where] = [pick(users), pick(conversations)]
  const targetSeq = 1 + Math.floor(random() * 20)
  const edited = Edit.create({ targetSeq, text: `edited ${pick(words)}` })
  const recalled = Recall.create({ targetSeq })
  const isEdit = random() < 0.7
  if (isEdit) world.send(who, where, { $case: 'edit', value: edited })
  else world.send(who, where, { $case: 'recall', value: recalled })
}

const read: Deed = ({ world, pick, users, conversations, random }) => {
  const seq = 1 + Math.floor(random() * 100)
  const [who, conversationId] = [pick(users), pick(conversations)]
  world.run('readUpTo', { user: who.user, conversationId, seq })
  world.run('ackCursors', { marks: [who.user, world.conversation(conversationId), seq] })
}

const know: Deed = ({ world, pick, users }) => {
  const [one, other] = [pick(users), pick(users)]
  const about = { user: one.user, otherId: other.userId }
  const befriend = () => world.befriend(one, other)
  const deed = pick([
    befriend,
    befriend,
    befriend,
    () => world.run('requestContact', { ...about, text: pick(words) }),
    () => world.run('blockUser', about),
    () => world.run('unblockUser', about),
    () => world.run('removeContact', about),
    () => world.run('setRemark', { ...about, remark: pick(words), team: pick(words) }),
  ])
  deed()
}

const gather: Deed = ({ world, pick, users, conversations, requestIds }) => {
  const userIds = [pick(users).userId, pick(users).userId]
  const input = { user: pick(users).user, title: `${pick(words)} group`, open: true, userIds }
  const request = { user: input.user, id: bytes(16), digest: bytes(32) }
  const { answer, reason } = world.outcome('createGroup', input, request)
  if (answer === undefined) throw new Error(reason)
  requestIds.push(request.id)
  conversations.push(answer.conversationId)
}

const move: Deed = ({ world, pick, users, conversations }) => {
  const group = { user: pick(users).user, conversationId: pick(conversations) }
  const other = pick(users).userId
  const join = () => world.run('joinGroup', group)
  const leave = () => world.run('leaveGroup', group)
  const deed = pick([
    join,
    join,
    join,
    join,
    leave,
    leave,
    () => world.run('inviteToGroup', { ...group, userIds: [other] }),
    () => world.run('removeMember', { ...group, otherId: other }),
    () => world.run('renameGroup', { ...group, title: pick(words) }),
    () => world.run('dissolveGroup', group),
  ])
  deed()
}

const portray: Deed = ({ world, pick, users, conversations, random }) => {
  const { user } = pick(users)
  const facts = { width: 640, height: 480, digest: bytes(32), thumbhash: bytes(21) }
  const picture =
    random() < 0.2 ? undefined : { imageId: randomBytes(20).toString('base64url'), ...facts }
  if (random() < 0.5) world.run('setProfilePicture', { user, picture })
  else world.run('setGroupPicture', { user, conversationId: pick(conversations), picture })
}

const depart: Deed = ({ world, pick, users, random }) => {
  if (random() < 0.2) world.run('endLogin', { loginId: pick(users).loginId })
  else world.run('updateProfile', { user: pick(users).user, nickname: pick(words), about: 'me' })
}

const often = [say, say, say, say, say, say, change, change, change, read, read]
const seldom = [burst, share, know, know, gather, move, move, portray, depart]
const deeds: readonly Deed[] = [...often, ...seldom]

function notices(world: World, { notices: conversation }: WorldUser): Uint8Array {
  const sql = 'select public_id from conversations where id = ?'
  return world.db.prepare<[number], Uint8Array>(sql).pluck().get(conversation) as Uint8Array
}

function bytes(count: number): Uint8Array {
  return Uint8Array.from(randomBytes(count))
}
