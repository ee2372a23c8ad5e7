import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { uuidText } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const weekMs = 7 * 24 * 3_600_000
/** On a machine with other work to do. */
const patience = { timeoutMs: 60_000 }

/** Who needs which file, as one of the two databases has it: `<file id> <conversation>/<seq>`. */
type Needs = readonly string[]

/** A relay and a file server, and what their databases say while they run or lie dead. */
export class FilesStage {
  readonly world: World

  private constructor(world: World) {
    this.world = world
  }

  static async open(): Promise<FilesStage> {
    const services = ['relay', 'file-server'] as const
    const env = { COLLECT_EVERY_MS: '1000' }
    return new FilesStage(await testWorld({ services, nats: { url: 'memory:' }, env }))
  }

  async kill(member: 'relay' | 'file-server'): Promise<void> {
    await this.world.kill(member)
  }

  async start(member: 'relay' | 'file-server'): Promise<void> {
    await this.world.cluster.start(member)
  }

  /**
   * Ends the lease of a relay that was killed, which else lasts half a minute: until then the next
   * one answers, and tells no holds.
   */
  endLease(): void {
    this.#inRelay((db) => db.exec('delete from leases'))
  }

  /** Kills the file server, makes whatever it has two weeks older, and starts it again. */
  async age(): Promise<void> {
    await this.kill('file-server')
    this.#inFiles((db) => {
      db.exec(`UPDATE files SET unheld_since_ms = unheld_since_ms - ${2 * weekMs}`)
      db.exec(`UPDATE uploads SET expires_ms = expires_ms - ${2 * weekMs}`)
    })
    await this.start('file-server')
  }

  /** Resolves when a whole run of collection has begun and ended. */
  async collected(): Promise<void> {
    for (let run = 0; run < 2; run += 1) {
      // What every run takes first: an upload past its time.
      const values = `'${randomUUID()}', '${randomUUID()}', 'nobody', 1, 0, NULL, NULL, 0, 0, 1`
      this.#inFiles((db) => db.exec(`INSERT INTO uploads VALUES (${values})`))
      const left = `SELECT id FROM uploads WHERE owner = 'nobody'`
      await eventually(() => this.#inFiles((db) => idsIn(db, left)).length === 0, patience)
    }
  }

  /** What entries that are not recalled need, by the relay's database. */
  needed(): Needs {
    return this.#inRelay((db) => {
      const sql = `select a.attachment_id as id, c.public_id as conversation, a.seq
                   from attachments a join conversations c on c.id = a.conversation
                   where a.service = 1`
      const rows = db.prepare(sql).all() as { id: string; conversation: Uint8Array; seq: number }[]
      return rows.map((row) => `${row.id} ${uuidText(row.conversation)}/${row.seq}`).toSorted()
    })
  }

  /** How many holds and releases the file server has not been told. */
  waiting(): number {
    const sql = 'select id from hold_outbox where service = 1'
    return this.#inRelay((db) => idsIn(db, sql).length)
  }

  /** What is held, by the file server's index. */
  held(): Needs {
    return this.#inFiles((db) =>
      idsIn(db, `SELECT file_id || ' ' || holder AS id FROM holds ORDER BY 1`),
    )
  }

  files(): string[] {
    return this.#inFiles((db) => idsIn(db, 'SELECT id FROM files ORDER BY id'))
  }

  /** The digests that the files consist of, and those that lie on disk. */
  async blobs() {
    const sql = 'SELECT DISTINCT digest AS id FROM variants ORDER BY digest'
    const named = this.#inFiles((db) => idsIn(db, sql))
    const folder = path.join(this.#data('file-server'), 'filecache/blobs')
    const entries = await readdir(folder, { recursive: true })
    const stored = entries.map((entry) => path.basename(entry)).filter((name) => digest.test(name))
    return { named, stored: stored.toSorted() }
  }

  #data(service: 'relay' | 'file-server'): string {
    return this.world.cluster.dataFolder(service)
  }

  #inRelay<T>(work: (db: DatabaseSync) => T): T {
    return within(path.join(this.#data('relay'), 'myim.sqlite'), work)
  }

  #inFiles<T>(work: (db: DatabaseSync) => T): T {
    return within(path.join(this.#data('file-server'), 'filecache/uploads.sqlite'), work)
  }
}

const digest = /^[0-9a-f]{64}$/

function within<T>(file: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file, { timeout: 10_000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}

function idsIn(db: DatabaseSync, sql: string): string[] {
  return (db.prepare(sql).all() as { id: string }[]).map(({ id }) => id)
}
