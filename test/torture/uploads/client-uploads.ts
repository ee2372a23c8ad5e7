import { createHash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { eventually, seededRandom } from '@parley/testkit'
import { History } from '../../harness/history.ts'
import { befriend, makeGroup, passwordOf } from '../../harness/person.ts'
import type { Person } from '../../harness/person.ts'
import { startWorld } from '../../harness/world.ts'
import type { World } from '../../harness/world.ts'
import { attachAll, breachOfAttachment } from './check-upload.ts'
import { ClientProcess } from './client-process.ts'
import { sizeOf } from './interrupted-uploads.ts'
import { UploadDoor } from './upload-door.ts'
import type { UploadTally } from './upload-tally.ts'
import type { CompletedUpload } from './uploader.ts'

/** How many uploads of the product's own client are interrupted, and how often each. */
export interface ClientUploadsRequest {
  readonly seed: number
  readonly uploads: number
  readonly interruptionsEach: number
  readonly tell?: (line: string) => void
}

/** What became of them. */
export interface ClientUploadsReport {
  readonly uploads: number
  /** Of the upload that had fewest. */
  readonly leastInterruptions: number
  readonly interruptions: number
  readonly clientKills: number
  readonly serverKills: number
  /** The most that one interruption made a client announce again. */
  readonly mostResentBytes: number
  readonly breaches: readonly string[]
}

const clients = 5
/** The server takes eight at once of one user. */
const lanes = 7
/** Of the uploads that are to be interrupted still, so many wait for the next strike. */
const ripeShare = 0.75
const strikeLimitMs = 60_000

interface Source {
  readonly name: string
  readonly file: string
  readonly sizeBytes: number
  readonly sha256: string
}

/**
 * Uploads files by client processes, each held at random places until its connection is cut, its
 * process killed or the file server killed: all must arrive byte for byte, and send little again.
 */
export async function runClientUploads(
  request: ClientUploadsRequest,
): Promise<ClientUploadsReport> {
  const random = seededRandom(request.seed)
  const door = await UploadDoor.start((sizeBytes) =>
    cutsOf(sizeBytes, request.interruptionsEach, random),
  )
  const world = await startWorld({
    services: ['relay', 'file-server'],
    nats: { url: 'memory:' },
    env: { FILES_PUBLIC: door.url },
  })
  try {
    door.lead(`127.0.0.1:${world.cluster.ports.files}`)
    return await new Strikes(world, door, random, request).run()
  } finally {
    await world.stop()
    await door.close()
  }
}

class Strikes {
  readonly #world: World
  readonly #door: UploadDoor
  readonly #random: () => number
  readonly #request: ClientUploadsRequest
  readonly #breaches: string[] = []
  readonly #clients: ClientProcess[] = []
  #clientKills = 0
  #serverKills = 0

  constructor(world: World, door: UploadDoor, random: () => number, request: ClientUploadsRequest) {
    this.#world = world
    this.#door = door
    this.#random = random
    this.#request = request
  }

  async run(): Promise<ClientUploadsReport> {
    const people = await this.#people()
    const sources = await Promise.all(people.map((person) => this.#sources(person)))
    people.forEach((person, i) => this.#clients.push(this.#clientOf(person, sources[i] ?? [])))
    try {
      for (const client of this.#clients) client.start()
      while (await this.#isRipe()) await this.#strike()
    } catch (error) {
      this.#breaches.push(String(error))
    } finally {
      await Promise.all(this.#clients.map((client) => client.kill()))
    }
    await this.#judge(people, sources)
    return this.#report()
  }

  /** Waits until enough uploads stand at their places; false when all are through. */
  #isRipe(): Promise<boolean> {
    const look = () => {
      if (this.#clients.every((client) => client.isDone)) return 'done'
      const open = this.#tallies().filter(({ cutsAt }) => cutsAt.length > 0)
      const { held } = this.#door
      return held > 0 && held >= open.length * ripeShare && 'ripe'
    }
    return eventually(look, { timeoutMs: strikeLimitMs }).then((found) => found === 'ripe')
  }

  async #strike(): Promise<void> {
    const killsServer = this.#random() < 0.4
    const { held } = this.#door
    const killed = this.#clients.filter((client) => !client.isDone && this.#random() < 0.25)
    this.#clientKills += killed.length
    if (killsServer) this.#serverKills += 1
    await Promise.all([
      killsServer ? this.#world.kill('file-server') : undefined,
      ...killed.map((client) => client.kill()),
    ])
    this.#door.cut()
    for (const client of killed) client.start()
    if (killsServer) await this.#world.cluster.start('file-server')
    const server = killsServer ? 'and the server' : 'no server'
    this.#request.tell?.(`${held} held: ${killed.length} clients killed, ${server}`)
  }

  async #people(): Promise<Person[]> {
    const names = Array.from({ length: clients }, (_, i) => `client-${i + 1}`)
    return Promise.all(names.map((name) => this.#world.person(name)))
  }

  async #sources(person: Person): Promise<Source[]> {
    const folder = path.join(this.#world.folder, 'sources', person.name)
    await mkdir(folder, { recursive: true })
    const count = Math.ceil(this.#request.uploads / clients)
    const sources: Source[] = []
    for (let nth = 1; nth <= count; nth += 1) {
      const bytes = randomBytes(leastBytes + sizeOf(this.#random))
      const name = `${person.name} ${nth}`
      const file = path.join(folder, name)
      await writeFile(file, bytes)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      sources.push({ name, file, sizeBytes: bytes.length, sha256 })
    }
    return sources
  }

  #clientOf({ name, server }: Person, sources: readonly Source[]): ClientProcess {
    const home = path.join(this.#world.folder, 'homes', name)
    const files = sources.map(({ file }) => file)
    return new ClientProcess({ home, server, name, password: passwordOf(name), files, lanes })
  }

  /** Everything that was uploaded is sent and read. */
  async #judge(people: readonly Person[], sources: readonly Source[][]): Promise<void> {
    const [owner, ...others] = people
    if (!owner) return
    for (const other of others) await befriend(owner, other)
    const group = await makeGroup(owner, others)
    const history = new History()
    for (const [i, person] of people.entries()) {
      const uploads = this.#completed(this.#clients[i], sources[i] ?? [])
      const { attached, breaches } = await attachAll(history, person, group, uploads)
      this.#breaches.push(...breaches)
      for (const one of attached) {
        this.#breaches.push(...(await breachOfAttachment(owner, group, one)))
      }
    }
  }

  #completed(client: ClientProcess | undefined, sources: readonly Source[]): CompletedUpload[] {
    this.#breaches.push(...(client?.failures ?? []))
    return sources.flatMap((source) => {
      const done = client?.uploaded.get(source.file)
      if (done) return [{ ...source, ...done, location: '' }]
      this.#breaches.push(`${source.name} was not uploaded`)
      return []
    })
  }

  // A client killed as it began an upload, before it knew its name, has begun another one.
  #tallies(): UploadTally[] {
    return [...this.#door.tallies.values()].filter(({ requests }) => requests > 0)
  }

  #report(): ClientUploadsReport {
    const tallies = this.#tallies()
    const interruptions = tallies.map((tally) => tally.interruptions)
    return {
      uploads: tallies.length,
      leastInterruptions: Math.min(...interruptions),
      interruptions: interruptions.reduce((sum, one) => sum + one, 0),
      clientKills: this.#clientKills,
      serverKills: this.#serverKills,
      mostResentBytes: Math.max(...tallies.map((tally) => tally.mostResentBytes)),
      breaches: [
        ...this.#breaches,
        ...this.#world.deaths().map((member) => `${member} ended by itself`),
      ],
    }
  }
}

/** Enough for every cut to have a place of its own. */
const leastBytes = 1_000

function cutsOf(sizeBytes: number, count: number, random: () => number): number[] {
  const places = new Set<number>()
  while (places.size < count) places.add(1 + Math.floor(random() * (sizeBytes - 1)))
  return [...places].toSorted((a, b) => a - b)
}
