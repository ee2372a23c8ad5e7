import { delay, systemScheduler } from '@parley/service-kit'
import { eventually, seededRandom } from '@parley/testkit'
import { breaches } from '../../harness/checker.ts'
import { History } from '../../harness/history.ts'
import { readBack } from '../../harness/reader.ts'
import { LoopDisk } from '../disk/loop-disk.ts'
import { attachAll, breachOfAttachment } from '../uploads/check-upload.ts'
import type { Attached } from '../uploads/check-upload.ts'
import { breachesSince, sinceTheBeginning } from './check-after-cut.ts'
import { openLoad } from './load.ts'
import type { Load } from './load.ts'
import { nextMoment, Watch } from './moments.ts'
import type { Moment } from './moments.ts'
import { cutPower, cutPowerWhileStarting, openStage, restorePower } from './stage.ts'
import type { Stage } from './stage.ts'

/** How the power is cut. */
export interface PowerCutRequest {
  readonly seed: number
  readonly cuts: number
  /** Hears one line per cut. */
  readonly tell?: (line: string) => void
}

/** What came of it. */
export interface PowerCutReport {
  readonly cuts: number
  readonly acknowledged: number
  readonly uploads: number
  /** In how many cuts something was broken. */
  readonly cutsWithBreaches: number
  readonly breaches: readonly string[]
}

/** A disk serves so many cuts; then the next one begins with an empty one. */
const cutsPerDisk = 20
const momentLimitMs = 4_000
const convergeLimitMs = 30_000

/**
 * Cuts the power of a relay on SQLite and of a file server under load, again and again, and judges
 * after each cut whether all that was acknowledged, told or answered as complete is still so.
 */
export async function runPowerCuts(request: PowerCutRequest): Promise<PowerCutReport> {
  let total: PowerCutReport = { ...nothing }
  for (let disk = 0; total.cuts < request.cuts; disk += 1) {
    const cuts = Math.min(cutsPerDisk, request.cuts - total.cuts)
    const report = await runOnOneDisk({ ...request, cuts, seed: request.seed + disk })
    total = {
      cuts: total.cuts + report.cuts,
      acknowledged: total.acknowledged + report.acknowledged,
      uploads: total.uploads + report.uploads,
      cutsWithBreaches: total.cutsWithBreaches + report.cutsWithBreaches,
      breaches: [...total.breaches, ...report.breaches],
    }
    // A run that cannot go on has said why.
    if (report.cuts < cuts) break
  }
  return total
}

const nothing: PowerCutReport = {
  cuts: 0,
  acknowledged: 0,
  uploads: 0,
  cutsWithBreaches: 0,
  breaches: [],
}

async function runOnOneDisk(request: PowerCutRequest): Promise<PowerCutReport> {
  const disk = await LoopDisk.make()
  try {
    const stage = await openStage(disk)
    try {
      return await new Series(stage, request).run()
    } finally {
      await stage.close()
    }
  } finally {
    await disk.remove()
  }
}

/** The cuts on one disk. */
class Series {
  readonly #stage: Stage
  readonly #request: PowerCutRequest
  readonly #random: () => number
  readonly #history = new History()
  readonly #watch = new Watch()
  readonly #since = sinceTheBeginning()
  readonly #attached: Attached[] = []
  readonly #breaches: string[] = []
  #cuts = 0
  #cutsWithBreaches = 0

  constructor(stage: Stage, request: PowerCutRequest) {
    this.#stage = stage
    this.#request = request
    this.#random = seededRandom(request.seed)
  }

  async run(): Promise<PowerCutReport> {
    // The load has its own numbers: how many it draws depends on how far it gets.
    const forLoad = seededRandom(this.#request.seed + 1_000_000)
    const load = await openLoad(this.#stage, this.#history, forLoad, this.#watch)
    try {
      await load.start()
      while (this.#cuts < this.#request.cuts) await this.#cut(load)
      this.#broken(await this.#judgeAll(load))
    } catch (error) {
      this.#cutsWithBreaches += 1
      this.#broken([`after cut ${this.#cuts}: ${String(error)}`])
    } finally {
      await load.close()
    }
    return {
      cuts: this.#cuts,
      acknowledged: this.#history.accepted(),
      uploads: this.#attached.length,
      cutsWithBreaches: this.#cutsWithBreaches,
      breaches: this.#breaches,
    }
  }

  async #cut(load: Load): Promise<void> {
    const moment = nextMoment(this.#random)
    const before = this.#history.accepted()
    await this.#watch.wait(moment, momentLimitMs, () => cutPower(this.#stage))
    this.#cuts += 1
    await load.halt()
    const uploads = load.completed.length
    if (moment.kind === 'starting' && this.#cuts < this.#request.cuts) {
      await cutPowerWhileStarting(this.#stage, delay(systemScheduler, moment.startMs))
      this.#cuts += 1
    }
    await restorePower(this.#stage)
    const found = await this.#judge(load)
    if (found.length > 0) this.#cutsWithBreaches += 1
    this.#broken(found)
    const acknowledged = this.#history.accepted() - before
    this.#request.tell?.(lineOf(this.#cuts, moment, { acknowledged, uploads, found }))
    await load.start()
  }

  async #judge(load: Load): Promise<string[]> {
    const { people, group } = this.#stage
    const since = await breachesSince(this.#since, this.#history, people.ann, group)
    const fresh = load.completed.splice(0)
    const { attached, breaches: refused } = await attachAll(this.#history, people.dan, group, fresh)
    const damaged: string[] = []
    for (const one of attached) damaged.push(...(await breachOfAttachment(people.bob, group, one)))
    this.#attached.push(...attached)
    const untrue = load.uploaders.flatMap((uploader) => uploader.breaches.splice(0))
    return [...since, ...refused, ...damaged, ...untrue]
  }

  /** When all is quiet: everything once more, from the first entry on. */
  async #judgeAll(load: Load): Promise<string[]> {
    const { people, group } = this.#stage
    for (const sender of load.senders) sender.stop()
    await converged(() =>
      load.senders.flatMap(({ open }) => (open > 0 ? [`${open} messages are open`] : [])),
    )
    await load.halt()
    const late = await this.#judge(load)
    const head = (await readBack(this.#history, people.ann, group)).at(-1)?.seq ?? 0
    await converged(() =>
      load.readers.flatMap((reader) =>
        reader.seq(group) < head
          ? [`${reader.log.device} is at ${reader.seq(group)} of ${head}`]
          : [],
      ),
    )
    const damaged: string[] = []
    for (const one of this.#attached) {
      damaged.push(...(await breachOfAttachment(people.bob, group, one)))
    }
    return [...late, ...breaches(this.#history), ...damaged]
  }

  #broken(found: readonly string[]): void {
    this.#breaches.push(...found)
  }
}

/** Waits until nothing is missing any more; throws with what still is. */
async function converged(missing: () => string[]): Promise<void> {
  await eventually(
    () => {
      const [first] = missing()
      if (first !== undefined) throw new Error(first)
    },
    { timeoutMs: convergeLimitMs },
  )
}

interface CutFindings {
  readonly acknowledged: number
  readonly uploads: number
  readonly found: readonly string[]
}

function lineOf(cut: number, moment: Moment, { acknowledged, uploads, found }: CutFindings) {
  const what = `${acknowledged} acknowledged, ${uploads} uploads`
  return `cut ${cut} (${moment.kind}): ${what}, ${found.length} breaches ${found[0] ?? ''}`
}
