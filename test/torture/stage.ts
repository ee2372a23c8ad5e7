import { seededRandom } from '@parley/testkit'
import { comeAndLeave, vanish } from './clients/comings.ts'
import type { Crew, Role } from './clients/crew.ts'
import { Device } from './clients/device.ts'
import type { DeviceOptions } from './clients/device.ts'
import { comeAndGo } from './clients/guest.ts'
import type { Target } from './clients/messages.ts'
import { race } from './clients/racer.ts'
import type { Recorder } from './clients/recorder.ts'
import { revoke } from './clients/revoker.ts'
import { snoop } from './clients/snoop.ts'
import { Talker } from './clients/talker.ts'
import { upload } from './clients/uploader.ts'
import { watcher } from './clients/watcher.ts'
import type { TortureWorld } from './world.ts'

/** Everybody of a round, connected. */
export interface Stage {
  /** Devices that stay to the end. */
  readonly devices: readonly Device[]
  /** Files that were uploaded and complete. */
  readonly files: ReadonlySet<string>
  /** Talk, visits, races, uploads and curiosity until the signal aborts. */
  play(perSecond: number, signal: AbortSignal): Promise<unknown>
  /** What can be judged only while nothing breaks: comings and goings, ended logins. */
  playCalm(signal: AbortSignal): Promise<unknown>
  close(): Promise<unknown>
}

/** What a stage is set up with. */
export interface StageRequest {
  readonly world: TortureWorld
  readonly crew: Crew
  readonly recorder: Recorder
  readonly seed: number
}

const leastWindow = 8
const mostWindow = 48
const victims = ['one', 'two', 'three']

/** Connects all devices of a round; leaves none behind when that fails. */
export async function setStage(request: StageRequest): Promise<Stage> {
  const open: Device[] = []
  const close = () => Promise.all(open.map((device) => device.close()))
  try {
    return { ...(await connectAll(request, open)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function connectAll(request: StageRequest, open: Device[]): Promise<Omit<Stage, 'close'>> {
  const { world, crew, recorder, seed } = request
  const { people, group } = crew
  const random = seededRandom(seed)
  const door = () => world.doors[Math.floor(random() * world.doors.length)] ?? ''
  const options = async (role: Role, name: string): Promise<DeviceOptions> => {
    const window = leastWindow + Math.floor(random() * (mostWindow - leastWindow))
    const person = await people[role].device(name)
    const opened = (device: Device) => void open.push(device)
    return { person, name: `${role}-${name}`, recorder, door, window, opened }
  }
  const talkers = await talkersOf(crew, options, random)
  const readers = await devicesOf(['ann', 'bob', 'cat', 'dan', 'gus'], 'reader', options)
  const [guest] = await devicesOf(['gus'], 'talker', options)
  const [sender] = await devicesOf(['uma'], 'sender', options)
  const condemned = await Promise.all(victims.map((name) => options('vic', name)))
  const ended = condemned.map((one) => new Device({ ...one, returns: false }))
  const watched = [people.pat.userId, people.kim.userId]
  const watchers = await Promise.all(['one', 'two'].map((name) => options('wes', name)))
  const watching = watchers.map((one) => watcher(one, watched))
  const kim = await options('kim', 'only')
  const pat = await options('pat', 'only')
  const vanishing = new Device(kim)
  const racer = await options('dan', 'racer')
  if (!guest || !sender) throw new Error('nobody is there')
  const devices = [...talkers.map(({ device }) => device), ...readers, guest, sender, ...watching]
  const files = new Set<string>()
  const filesUrl = `http://127.0.0.1:${world.cluster.ports.files}`
  const completed = (file: string) => void files.add(file)
  const { ann, gus, uma, sam, vic } = people
  const common = { group, recorder, random }
  const play = (perSecond: number, signal: AbortSignal) =>
    Promise.all([
      ...talkers.map((talker) => talker.talk(perSecond / talkers.length, signal)),
      comeAndGo({ ...common, owner: ann, guest: gus, device: guest }, signal),
      race({ ...racer, to: { conversationId: group } }, signal),
      upload({ ...common, person: uma, device: sender, filesUrl, completed }, signal),
      snoop({ ...common, person: sam, filesUrl, files: () => [...files] }, signal),
    ])
  const playCalm = (signal: AbortSignal) =>
    Promise.all([
      comeAndLeave(pat, signal),
      vanish(vanishing, kim),
      ...ended.map((one) => revoke(vic, one.person.login().deviceId, recorder)),
    ])
  return { devices, files, play, playCalm }
}

type OptionsOf = (role: Role, name: string) => Promise<DeviceOptions>

async function talkersOf(
  { group, direct, people }: Crew,
  options: OptionsOf,
  random: () => number,
) {
  const all: Target = { conversationId: group }
  const both: Target = { conversationId: direct }
  // The same conversation by the other's name.
  const toAnn: Target = { userId: people.ann.userId }
  const plays: readonly (readonly [Role, readonly Target[]])[] = [
    ['ann', [all, both]],
    ['bob', [all, toAnn, toAnn]],
    ['cat', [all]],
    ['dan', [all]],
  ]
  const talkers: Talker[] = []
  for (const [role, targets] of plays) {
    talkers.push(new Talker({ ...(await options(role, 'talker')), targets, random }))
  }
  return talkers
}

async function devicesOf(roles: readonly Role[], name: string, options: OptionsOf) {
  const all = await Promise.all(roles.map((role) => options(role, name)))
  return all.map((one) => new Device(one))
}
