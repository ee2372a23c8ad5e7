import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Doors } from '../chat/crowd.ts'
import { machineFacts, measureSync } from '../measure/machine.ts'
import { readOptions, textBytes } from './options.ts'
import type { Options } from './options.ts'
import { save } from './save.ts'
import { openStage, startSubject } from './stage.ts'
import type { Stage, Subject } from './stage.ts'
import { storedMessages } from './stored.ts'
import { rowsOf, summaryOf } from './summary.ts'
import type { Run } from './summary.ts'

/** Measures what a second relay adds to latency; throws when a message was lost, repeated or out of order. */
export async function twoRelays(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const folder = mkdtempSync(path.join(options.folder ?? os.tmpdir(), 'parley-bench-'))
  try {
    const machine = { ...machineFacts(), sync: measureSync(folder) }
    const { runs, crossing, mariadb, nats } = await measure(options, folder)
    const summary = summaryOf(runs, crossing)
    console.table(rowsOf(summary.subjects))
    const { addedMs, targetMs, noiseMs, verdict } = summary
    console.log(
      `added by the second relay: p50 ${addedMs.p50} ms, p99 ${addedMs.p99} ms; ` +
        `${crossing * 100} % of its messages cross; ` +
        `target of at most ${targetMs} ms at p99: ${verdict} (noise ${noiseMs} ms)`,
    )
    if (options.save) save({ options, machine, mariadb, nats, summary, runs })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(options: Options, folder: string) {
  const stage = await openStage(folder)
  const subjects: Subject[] = []
  try {
    for (const relays of [1, 2]) {
      const subject = await startSubject(stage, {
        name: relays === 1 ? 'one relay' : 'two relays',
        relays,
        folder,
        nodeArgs:
          options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
      })
      subjects.push(subject)
      console.log(`${subject.name}: ${options.pairs} pairs of users register and connect`)
      await subject.people.connect(doorsOf(subject), options.pairs, textBytes)
    }
    const runs = await rounds(options, subjects)
    return { runs, crossing: crossingOf(subjects), ...(await leave(stage, subjects, runs)) }
  } finally {
    for (const subject of subjects) await subject.stop()
    await stage.close()
  }
}

/** A warm-up and then all rounds, neighbours in opposite order, so that drift cancels. */
async function rounds(options: Options, subjects: readonly Subject[]): Promise<Run[]> {
  console.log('a first round warms up the servers and is not counted')
  for (const subject of subjects) await one(options, subject, 0)
  const runs: Run[] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    const order = round % 2 === 1 ? subjects : subjects.toReversed()
    for (const subject of order) runs.push(await one(options, subject, round))
  }
  return runs
}

async function one(options: Options, { name, people, pids }: Subject, round: number): Promise<Run> {
  const { messagesPerSecond, warmUpMs, measureMs } = options
  const result = await people.paced({ messagesPerSecond, warmUpMs, measureMs, pids })
  const { acceptedMs, deliveredMs, lateMs, cpuUsPerMessage } = result
  console.log(
    `${name}: ${result.messagesPerSecond}/s, delivered p50 ${deliveredMs.p50} p99 ${deliveredMs.p99} ms, ` +
      `accepted p50 ${acceptedMs.p50} p99 ${acceptedMs.p99} ms, sent late p99 ${lateMs.p99} ms, ` +
      `us per message ${JSON.stringify(cpuUsPerMessage)}`,
  )
  return { subject: name, round, ...result }
}

/** What was acknowledged must lie in the database, once, in logs without holes. */
async function leave(stage: Stage, subjects: readonly Subject[], runs: readonly Run[]) {
  let mariadb = ''
  for (const { name, mysqlUrl } of subjects) {
    const accepted = runs.findLast((run) => run.subject === name)?.totals.accepted ?? 0
    const { count, dense, version } = await storedMessages(mysqlUrl)
    if (count !== accepted || !dense) {
      throw new Error(`void: ${accepted} acknowledged, ${count} stored, dense ${dense}`)
    }
    mariadb = version
  }
  return { mariadb, nats: stage.natsVersion }
}

function doorsOf({ relays }: Subject): Doors {
  const [first, last] = [relays[0], relays.at(-1)]
  if (first === undefined || last === undefined) throw new Error('there is no relay')
  return { senders: first.address, receivers: last.address }
}

/** The share of messages whose sender and receiver are at different relays, of the last subject. */
function crossingOf(subjects: readonly Subject[]): number {
  const last = subjects.at(-1)
  if (last === undefined) return 0
  const { senders, receivers } = doorsOf(last)
  // All senders are at one door and all receivers at one.
  return senders === receivers ? 0 : 1
}
