import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { eventually, seededRandom, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'

const kills = 7
const fixture = new URL('./kill.fixture.ts', import.meta.url)

interface Acknowledged {
  readonly conversation: number
  readonly seq: number
  readonly sender: number
  readonly id: string
}

test('what was acknowledged is there after kill -9 at any instant, and numbers have no holes', async () => {
  const file = join(await tempFolder(), 'myim.sqlite')
  const random = seededRandom(11)
  const acknowledged: Acknowledged[] = []
  for (let run = 0; run < kills; run += 1) {
    acknowledged.push(...(await writeUntilKilled(file, run, random)))
    check(file, acknowledged)
  }
  expect(acknowledged.length).toBeGreaterThan(kills * 20)
}, 180_000)

/** Lets a process write for a random while, kills it, and returns what it has acknowledged. */
async function writeUntilKilled(
  file: string,
  run: number,
  random: () => number,
): Promise<Acknowledged[]> {
  const batchSize = [1, 7, 64][run % 3] ?? 1
  const child = spawn(process.execPath, [fileURLToPath(fixture), file, `${run}`, `${batchSize}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
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
