import { eventually, seededRandom } from '@parley/testkit'
import { breaches } from '../../harness/checker.ts'
import { History } from '../../harness/history.ts'
import { readBack } from '../../harness/reader.ts'
import { attachAll, breachOfAttachment } from '../uploads/check-upload.ts'
import type { Attached } from '../uploads/check-upload.ts'
import { breachesSince, sinceTheBeginning } from './breaches-since.ts'
import { openLoad } from './load.ts'
import type { Load, LoadEvents } from './load.ts'
import type { Stage } from './stage.ts'

const convergeLimitMs = 30_000

/** What became of a stage under load and faults. */
export interface TrialReport {
  readonly acknowledged: number
  readonly uploads: number
  /** What was acknowledged, told or answered as complete, and is no longer so; one line each. */
  readonly breaches: readonly string[]
}

/** A stage under load whose word is checked after every fault. */
export class Trial {
  readonly history: History
  readonly stage: Stage
  readonly load: Load
  readonly #since = sinceTheBeginning()
  readonly #attached: Attached[] = []
  readonly #breaches: string[] = []

  private constructor(stage: Stage, history: History, load: Load) {
    this.stage = stage
    this.history = history
    this.load = load
  }

  /** Sets a load up, which has numbers of its own: how many it draws depends on how far it gets. */
  static async open(stage: Stage, seed: number, events: LoadEvents): Promise<Trial> {
    const history = new History()
    const random = seededRandom(seed + 1_000_000)
    return new Trial(stage, history, await openLoad(stage, history, random, events))
  }

  /** Judges what came since the last time; the services are up and the load is halted. */
  async judge(): Promise<readonly string[]> {
    const { people, group } = this.stage
    const since = await breachesSince(this.#since, this.history, people.ann, group)
    const fresh = this.load.completed.splice(0)
    const { attached, breaches: refused } = await attachAll(this.history, people.dan, group, fresh)
    const damaged: string[] = []
    for (const one of attached) damaged.push(...(await breachOfAttachment(people.bob, group, one)))
    this.#attached.push(...attached)
    const untrue = this.load.uploaders.flatMap((uploader) => uploader.breaches.splice(0))
    return this.broken([...since, ...refused, ...damaged, ...untrue])
  }

  /** Lets all come to rest and judges everything once more, from the first entry on. */
  async judgeAll(): Promise<void> {
    const { people, group } = this.stage
    const { senders, readers } = this.load
    for (const sender of senders) sender.stop()
    await converged(() =>
      senders.flatMap(({ open }) => (open > 0 ? [`${open} messages are open`] : [])),
    )
    await this.load.halt()
    await this.judge()
    const head = (await readBack(this.history, people.ann, group)).at(-1)?.seq ?? 0
    await converged(() => readers.flatMap((reader) => lagOf(reader, group, head)))
    this.broken(breaches(this.history))
    for (const one of this.#attached) {
      this.broken(await breachOfAttachment(people.bob, group, one))
    }
  }

  /** Notes breaches. */
  broken(found: readonly string[]): readonly string[] {
    this.#breaches.push(...found)
    return found
  }

  report(): TrialReport {
    return {
      acknowledged: this.history.accepted(),
      uploads: this.#attached.length,
      breaches: [...this.#breaches],
    }
  }

  close(): Promise<void> {
    return this.load.close()
  }
}

function lagOf(reader: Load['readers'][number], conversationId: string, head: number): string[] {
  const seq = reader.seq(conversationId)
  return seq < head ? [`${reader.log.device} is at ${seq} of ${head}`] : []
}

/** Waits until nothing is missing any more; throws with what still is. */
async function converged(missing: () => string[]): Promise<void> {
  const look = () => {
    const [first] = missing()
    if (first !== undefined) throw new Error(first)
  }
  await eventually(look, { timeoutMs: convergeLimitMs })
}
