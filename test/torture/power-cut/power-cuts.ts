import { delay, systemScheduler } from '@parley/service-kit'
import { seededRandom } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import { LoopDisk } from '../disk/loop-disk.ts'
import { runCommand } from '../disk/run-command.ts'
import { openStage } from '../disk/stage.ts'
import { Trial } from '../disk/trial.ts'
import { nextMoment, Watch } from './moments.ts'
import type { Moment } from './moments.ts'
import { cutPower, cutPowerWhileStarting, restorePower } from './power.ts'
import type { Powered } from './power.ts'

/** How the power is cut. */
export interface PowerCutRequest {
  readonly seed: number
  readonly cuts: number
  /** Where the relay stores; SQLite unless told. Of MariaDB the power is cut with the relay's. */
  readonly store?: 'sqlite' | 'mariadb'
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

/**
 * Cuts the power of a relay and of a file server under load, again and again, and judges
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
    const isMariadb = request.store === 'mariadb'
    const mariadb = isMariadb ? await startMariadb({ folder: disk.folder }) : undefined
    // A new server's own tables are not what is on trial.
    if (mariadb) await runCommand('sync', '-f', disk.folder)
    try {
      const stage = await openStage(disk.folder, mariadb && { MYSQL_URL: mariadb.url() })
      try {
        return await new Series({ ...stage, disk, mariadb }, request).run()
      } finally {
        await stage.close()
      }
    } finally {
      await mariadb?.close()
    }
  } finally {
    await disk.remove()
  }
}

/** The cuts on one disk. */
class Series {
  readonly #stage: Powered
  readonly #request: PowerCutRequest
  readonly #random: () => number
  readonly #watch = new Watch()
  #cuts = 0
  #cutsWithBreaches = 0

  constructor(stage: Powered, request: PowerCutRequest) {
    this.#stage = stage
    this.#request = request
    this.#random = seededRandom(request.seed)
  }

  async run(): Promise<PowerCutReport> {
    const trial = await Trial.open(this.#stage, this.#request.seed, this.#watch)
    try {
      await trial.load.start()
      while (this.#cuts < this.#request.cuts) await this.#cut(trial)
      await trial.judgeAll()
    } catch (error) {
      this.#cutsWithBreaches = Math.min(this.#cutsWithBreaches + 1, this.#cuts)
      trial.broken([`after cut ${this.#cuts}: ${String(error)}`])
    } finally {
      await trial.close()
    }
    return { cuts: this.#cuts, cutsWithBreaches: this.#cutsWithBreaches, ...trial.report() }
  }

  async #cut(trial: Trial): Promise<void> {
    const moment = nextMoment(this.#random)
    const { history, load } = trial
    const before = history.accepted()
    await this.#watch.wait(moment, momentLimitMs, () => cutPower(this.#stage))
    this.#cuts += 1
    await load.halt()
    const uploads = load.completed.length
    if (moment.kind === 'starting' && this.#cuts < this.#request.cuts) {
      await cutPowerWhileStarting(this.#stage, delay(systemScheduler, moment.startMs))
      this.#cuts += 1
    }
    await restorePower(this.#stage)
    const found = await trial.judge()
    if (found.length > 0) this.#cutsWithBreaches += 1
    const acknowledged = history.accepted() - before
    this.#request.tell?.(lineOf(this.#cuts, moment, { acknowledged, uploads, found }))
    await load.start()
  }
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
