import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { GeneratorProcess } from '../chat/generator-process.ts'
import { machineFacts, measureSync, versions } from '../measure/machine.ts'
import { relaySettings, startRelayProcess } from '../measure/relay-process.ts'
import type { RelayProcess } from '../measure/relay-process.ts'
import { spread } from '../measure/statistics.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { storedMessages } from './stored.ts'
import type { Stretch } from './stretch.ts'

const textBytes = 200
const serverCore = 0
const generatorCore = 1

/** A relay under measurement and the people who use it. */
interface Subject {
  readonly name: string
  readonly relay: RelayProcess
  readonly people: GeneratorProcess
}

type Run = Stretch & { readonly subject: string }

/** Measures durable direct messages; throws when one was lost, repeated or out of order. */
export async function dmDurable(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const folder = mkdtempSync(path.join(options.folder ?? os.tmpdir(), 'parley-bench-'))
  try {
    const machine = { ...machineFacts(), sync: measureSync(folder) }
    const runs = await measure(options, folder)
    const summary = summaryOf(runs)
    console.table(rowsOf(summary))
    if (options.save) save(options, machine, runs, summary)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(options: Options, folder: string): Promise<Run[]> {
  const subjects: Subject[] = []
  const runs: Run[] = []
  try {
    for (const [index] of options.relays.entries()) {
      const subject = await startSubject(options, index, folder)
      subjects.push(subject)
      console.log(`${subject.name}: ${options.pairs} pairs of users register and connect`)
      const { address } = subject.relay
      const doors = { senders: address, receivers: address }
      await subject.people.connect(doors, options.pairs, textBytes)
    }
    console.log('a first round warms up the server and is not counted')
    for (const cell of cellsOf(subjects, options.windows, 1)) await one(options, cell)
    for (let round = 0; round < options.rounds; round += 1) {
      for (const cell of cellsOf(subjects, options.windows, round))
        runs.push(await one(options, cell))
    }
  } finally {
    for (const { people, relay } of subjects) {
      await people.stop()
      await relay.stop()
    }
  }
  for (const subject of subjects) checkStored(subject, runs)
  return runs
}

async function startSubject(options: Options, index: number, folder: string): Promise<Subject> {
  const name = options.relays.length === 1 ? 'relay' : `relay ${String.fromCharCode(65 + index)}`
  const own = path.join(folder, String(index))
  mkdirSync(own)
  const nodeArgs =
    options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
  const program = options.relays[index] ?? ''
  const relay = await startRelayProcess({ program, core: serverCore, folder: own, nodeArgs })
  return { name, relay, people: new GeneratorProcess(generatorCore) }
}

interface Cell {
  readonly subject: Subject
  readonly window: number
}

/** Every subject with every window, forwards and backwards in turn, so that drift cancels. */
function cellsOf(subjects: readonly Subject[], windows: readonly number[], round: number): Cell[] {
  const cells = windows.flatMap((window) => subjects.map((subject) => ({ subject, window })))
  return round % 2 === 0 ? cells : cells.reverse()
}

async function one({ warmUpMs, measureMs }: Options, { subject, window }: Cell): Promise<Run> {
  const serverPid = subject.relay.pid
  const result = await subject.people.stretch({
    window,
    warmUpMs,
    measureMs,
    serverPid,
  })
  const { messagesPerSecond, messagesPerServerCpuSecond, acceptedMs, deliveredMs } = result
  console.log(
    `${subject.name}, window ${window}: ${messagesPerSecond}/s, ` +
      `${messagesPerServerCpuSecond} per server-CPU-second, ` +
      `accepted p50 ${acceptedMs.p50} p99 ${acceptedMs.p99} ms, delivered p99 ${deliveredMs.p99} ms, ` +
      `us per message ${JSON.stringify(result.threadUsPerMessage)}`,
  )
  return { subject: subject.name, ...result }
}

/** What was acknowledged must lie on disk, once, in a log without holes. */
function checkStored({ name, relay }: Subject, runs: readonly Run[]): void {
  const accepted = runs.findLast((run) => run.subject === name)?.totals.accepted ?? 0
  const stored = storedMessages(relay.database)
  if (stored.count !== accepted || !stored.dense) {
    throw new Error(`void: ${accepted} acknowledged, ${stored.count} stored, dense ${stored.dense}`)
  }
}

function summaryOf(runs: readonly Run[]) {
  const groups = Map.groupBy(runs, ({ subject, window }) => `${subject}, window ${window}`)
  return [...groups].map(([of, group]) => ({
    of,
    runs: group.length,
    messages: group.reduce((sum, { messages }) => sum + messages, 0),
    messagesPerSecond: spread(group.map((run) => run.messagesPerSecond)),
    messagesPerServerCpuSecond: spread(group.map((run) => run.messagesPerServerCpuSecond)),
    acceptedP50Ms: spread(group.map((run) => run.acceptedMs.p50)),
    acceptedP99Ms: spread(group.map((run) => run.acceptedMs.p99)),
    deliveredP50Ms: spread(group.map((run) => run.deliveredMs.p50)),
    deliveredP99Ms: spread(group.map((run) => run.deliveredMs.p99)),
  }))
}

type Summary = ReturnType<typeof summaryOf>

function rowsOf(summary: Summary) {
  return summary.map((row) => ({
    of: row.of,
    'msg/s': row.messagesPerSecond.median,
    'per CPU-s': row.messagesPerServerCpuSecond.median,
    'min..max': `${row.messagesPerServerCpuSecond.min}..${row.messagesPerServerCpuSecond.max}`,
    'accepted p50/p99 ms': `${row.acceptedP50Ms.median} / ${row.acceptedP99Ms.median}`,
    'delivered p50/p99 ms': `${row.deliveredP50Ms.median} / ${row.deliveredP99Ms.median}`,
  }))
}

function save(options: Options, machine: object, runs: readonly Run[], summary: Summary): void {
  const { pairs, rounds, warmUpMs, measureMs, windows } = options
  const date = new Date().toISOString()
  const result = {
    case: 'dm-durable',
    date,
    level: 'D2: acknowledged after the commit is on disk (WAL, synchronous=FULL), and delivered',
    verdict: 'every message counted: 0 lost, 0 repeated, 0 reordered',
    settings: { pairs, textBytes, windows, rounds, warmUpMs, measureMs, serverCore, generatorCore },
    relaySettings,
    nodeOptions: process.env['NODE_OPTIONS'] ?? '',
    machine,
    versions: versions(),
    summary,
    runs,
  }
  const results = path.join(import.meta.dirname, '../results')
  mkdirSync(results, { recursive: true })
  const file = path.join(results, `dm-durable-${date.slice(0, 10)}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  console.log(`written to bench/results/${path.basename(file)}`)
}
