import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { eventually, seededRandom, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'

const kills = 8
const fixture = new URL('./kill.fixture.ts', import.meta.url)

interface Acknowledged {
  readonly conversation: number
  readonly seq: number
  readonly sender: number
  readonly id: string
}

test('what was acknowledged is there after kill -9 at any instant, and numbers have no holes', async () => {
  const folder = await tempFolder()
  const file = join(folder, 'myim.sqlite')
  // What it compiles is kept when it ends by itself only.
  await once(start(folder, 'compiled.sqlite', 0, 0), 'close')
  const random = seededRandom(11)
  const acknowledged: Acknowledged[] = []
  for (let run = 0; run < kills; run += 1) {
    acknowledged.push(...(await writeUntilKilled(folder, run, random)))
    check(file, acknowledged)
  }
  expect(acknowledged.length).toBeGreaterThan(kills * 20)
}, 180_000)

/** Lets a process write for a random while, kills it, and returns what it has acknowledged. */
async function writeUntilKilled(
  folder: string,
  run: number,
  random: () => number,
): Promise<Acknowledged[]> {
  const batchSize = [1, 7, 64][run % 3] ?? 1
  const child = start(folder, 'myim.sqlite', run, batchSize)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close')
  await eventually(() => said.split('\n').length > 25, { timeoutMs: 30_000, everyMs: 1 })
  await pause(random() * 40)
  child.kill('SIGKILL')
  await ended
  // The last line may have been cut.
  const lines = said.split('\n').slice(1, -1)
  return lines.map((line) => {
    const [conversation, seq, sender, id = ''] = line.split(' ')
    return { conversation: Number(conversation), seq: Number(seq), sender: Number(sender), id }
  })
}

function start(folder: string, name: string, run: number, batchSize: number) {
  const words = [fileURLToPath(fixture), join(folder, name), `${run}`, `${batchSize}`]
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function check(file: string, acknowledged: readonly Acknowledged[]): void {
  const db = new Database(file)
  const rows = db
    .prepare<[], { conversation: number; seq: number; sender: number; id: string }>(
      `select conversation, seq, sender, lower(hex(client_id)) as id from messages
       where client_id is not null`,
    )
    .all()
  const holes = db
    .prepare('select conversation from messages group by conversation having max(seq) != count(*)')
    .all()
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  db.close()
  expect(holes).toEqual([])
  const stored = new Map(rows.map((row) => [`${row.sender}/${row.id}`, row]))
  const lost = acknowledged.filter(({ conversation, seq, sender, id }) => {
    const row = stored.get(`${sender}/${id}`)
    return row?.conversation !== conversation || row.seq !== seq
  })
  expect(lost).toEqual([])
}
