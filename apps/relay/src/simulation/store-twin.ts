import { uuidv7 } from '@parley/service-kit'
import type { Kysely } from 'kysely'
import type { Command, LogRun, Outcome } from '../store/journal.ts'
import { queries } from '../store/queries/index.ts'
import type { QueryName } from '../store/queries/index.ts'
import { batchRunner } from '../store/sqlite/batch.ts'
import type { RunBatch } from '../store/run-batch.ts'
import { kyselyOn } from '../store/sqlite/kysely.ts'
import { logReader } from '../store/sqlite/read-log.ts'
import { sqliteTx } from '../store/sqlite/tx/index.ts'
import type { Tables } from '../store/tables.ts'
import { DiskTwin } from './disk-twin.ts'
import type { SimClock } from './sim-clock.ts'

type ReadLog = (conversation: number, from: number, to: number, maxBytes: number) => LogRun
type Ask = (db: Kysely<Tables>, args: unknown) => Promise<unknown>

/** Whose wall clock the writer has. */
export interface WriterClock {
  now(): number
}

/** A database with everything that its writer keeps in memory: the real batch runner and scripts. */
export class StoreTwin {
  readonly disk: DiskTwin
  readonly #clock: SimClock
  readonly #failed: (command: string, error: unknown) => void
  #writer: RunBatch
  #readLog: ReadLog
  #reader: Kysely<Tables>
  #wall: WriterClock

  constructor(image: Buffer, clock: SimClock, failed: (command: string, error: unknown) => void) {
    this.disk = new DiskTwin(image)
    this.#clock = clock
    this.#failed = failed
    this.#wall = clock
    const opened = this.#open()
    this.#writer = opened.writer
    this.#readLog = opened.readLog
    this.#reader = opened.reader
  }

  /** Carries out a batch and returns when it is on disk; throws what the disk says otherwise. */
  commit(batch: readonly Command[]): Outcome[] {
    return this.#writer(batch)
  }

  readLog(conversation: number, from: number, to: number, maxBytes: number): LogRun {
    return this.#readLog(conversation, from, to, maxBytes)
  }

  ask(name: QueryName, args: unknown): Promise<unknown> {
    return (queries[name] as unknown as Ask)(this.#reader, args)
  }

  /** The process that had it open is gone, with all its memory; another opens it. */
  restart(wall: WriterClock): void {
    this.#wall = wall
    this.disk.restart()
    const opened = this.#open()
    this.#writer = opened.writer
    this.#readLog = opened.readLog
    this.#reader = opened.reader
  }

  close(): void {
    this.disk.close()
  }

  #open() {
    const [writer, reader] = [this.disk.writer(), this.disk.reader()]
    const tx = sqliteTx(writer, {
      now: () => this.#wall.now(),
      newId: () => uuidv7(this.#clock),
      cachedRows: 1_000,
    })
    return {
      writer: batchRunner(writer, tx, this.#failed),
      readLog: logReader(reader),
      reader: kyselyOn(reader),
    }
  }
}
