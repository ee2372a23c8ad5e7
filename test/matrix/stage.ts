import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { idBytes, logout } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import sharp from 'sharp'
import type { Person } from '../harness/person.ts'
import { Tus } from '../harness/tus.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { bytesOf } from './bytes-of.ts'
import { makeCast } from './cast.ts'
import type { Cast } from './cast.ts'
import { openForger } from './forger.ts'
import type { Forger } from './forger.ts'
import { makeGroupWithLog, sendFile } from './group-stage.ts'
import type { GroupStage, SentTo } from './group-stage.ts'
import { operatorCall } from './operator-call.ts'
import { publishPackage } from './publish-package.ts'
import type { Package } from './publish-package.ts'

/** Something on the file or the image server. */
interface Uploaded {
  readonly id: string
  readonly receipt: string
}

/** All services as processes of their own, with everybody and everything that the matrix asks about. */
export interface Stage {
  readonly world: World
  readonly cast: Cast
  readonly keys: { readonly service: string; readonly operator: string }
  /** Access tokens that were good: of a login that has ended, of a user who was shut out. */
  readonly ended: { readonly login: string; readonly user: string; readonly userId: Buffer }
  /** A further device of the member. */
  readonly spareDeviceId: Buffer
  readonly closed: SentTo
  readonly open: SentTo
  readonly dissolved: SentTo
  /** A direct conversation of owner and member. */
  readonly direct: { readonly id: Buffer; readonly seq: number }
  readonly roots: { readonly files: string; readonly images: string }
  /** What was uploaded by the owner; the first two files and images were sent to the closed group. */
  readonly bytes: Buffer
  readonly files: readonly [Uploaded, Uploaded]
  readonly images: readonly [Uploaded, Uploaded]
  readonly published: Package
  /** Signs as the relay does; the same an hour ago; with a key that no relay has. */
  readonly relay: Forger
  readonly past: Forger
  readonly stranger: Forger
}

/** Puts everybody and everything on the stage. */
export async function openStage(): Promise<Stage> {
  const env = { POSSESSION_ANSWER_MS: '60', RATE_FACTOR: '1000', MIN_FREE_BYTES: '0' }
  const world = await startWorld({ env })
  try {
    return await furnish(world)
  } catch (error) {
    await world.stop()
    throw error
  }
}

async function furnish(world: World): Promise<Stage> {
  const { files, images } = world.cluster.ports
  const roots = { files: `http://127.0.0.1:${files}`, images: `http://127.0.0.1:${images}` }
  const cast = await makeCast(world)
  await served(Object.values(roots), cast.owner)
  const keys = { service: await keyOf(world, 'internal'), operator: await keyOf(world, 'operator') }
  const bytes = randomBytes(5_000)
  const place = path.join(world.folder, 'secret.bin')
  await writeFile(place, bytes)
  const published = await publishPackage(world, keys.operator, roots.files)
  const made = await uploadAll(roots, cast.owner, bytes)
  const logs = await sendAll(cast, place)
  await setPictures(cast, logs.closed, made.images[0])
  const ended = await endSome(world, cast.member, keys.operator)
  const spare = (await cast.member.device('spare')).login()
  const spareDeviceId = Buffer.from(idBytes(spare.deviceId))
  const folder = path.join(world.folder, 'stranger')
  await mkdir(folder)
  const relayFolder = world.cluster.dataFolder('relay')
  const [relay, past] = [await openForger(relayFolder), await openForger(relayFolder, 3_600_000)]
  const stranger = await openForger(folder)
  const signers = { relay, past, stranger }
  return {
    world,
    cast,
    keys,
    roots,
    bytes,
    published,
    ended,
    spareDeviceId,
    ...made,
    ...logs,
    ...signers,
  }
}

// The servers have the relay's keys a moment after it is up; until then they say "come again".
async function served(roots: readonly string[], { login }: Person): Promise<void> {
  for (const root of roots) {
    const tus = new Tus(root, login().accessToken)
    await eventually(async () => (await tus.create(1)).status === 201)
  }
}

async function keyOf({ cluster }: World, name: string): Promise<string> {
  return (await readFile(path.join(cluster.folder, `${name}.key`), 'utf8')).trim()
}

async function uploadAll(roots: Stage['roots'], { login }: Person, bytes: Buffer) {
  const { accessToken } = login()
  const upload = async (root: string, what: Buffer, name: string): Promise<Uploaded> => {
    const { status, headers } = await new Tus(root, accessToken).upload(what, name)
    const id = headers.get('parley-file-id') ?? headers.get('parley-image-id')
    const receipt = headers.get('parley-receipt')
    if (id === null || receipt === null) throw new Error(`an upload ended with ${status}`)
    return { id, receipt }
  }
  const file = () => upload(roots.files, bytes, 'secret.bin')
  const image = (width: number) =>
    sharp({ create: { width, height: 40, channels: 3, background: '#135' } })
      .png()
      .toBuffer()
      .then((png) => upload(roots.images, png, 'secret.png'))
  return {
    files: [await file(), await file()],
    images: [await image(60), await image(70)],
  } satisfies Pick<Stage, 'files' | 'images'>
}

async function sendAll(cast: Cast, place: string) {
  const client = cast.owner.connect()
  const closed = await makeGroupWithLog(cast, client, place)
  const open = await makeGroupWithLog(cast, client, place, true)
  const dissolved = await makeGroupWithLog(cast, client, place)
  await cast.owner.calls.groups.dissolve({ conversationId: dissolved.id })
  const hello = { content: { $case: 'text', value: { text: 'hello' } } } as const
  const sent = await client.send({ userId: cast.member.userId }, hello)
  if (sent.state !== 'accepted') throw new Error('not accepted')
  const id = Buffer.from(idBytes(sent.conversationId))
  const seq = await sendFile(client, id, place)
  await client.close()
  return { closed, open, dissolved, direct: { id, seq } }
}

async function setPictures({ owner }: Cast, { id }: GroupStage, { receipt }: Uploaded) {
  await owner.calls.accounts.setPicture({ receipt })
  await owner.calls.groups.setPicture({ conversationId: id, receipt })
}

async function endSome(world: World, member: Person, operatorKey: string) {
  const device = await member.device('second')
  const { accessToken: login } = device.login()
  await logout(device.options)
  const person = await world.person('the.disabled')
  const { accessToken: user } = person.login()
  const { setDisabled } = chat.OperatorsService
  await operatorCall(world, operatorKey, setDisabled, { name: person.name, disabled: true })
  return { login, user, userId: bytesOf(person) }
}
