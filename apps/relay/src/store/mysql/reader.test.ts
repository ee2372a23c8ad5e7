import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyWorld } from '../../testing/busy-world.ts'
import { everyQuestion } from '../../testing/every-question.ts'
import { mirrored } from '../../testing/mirrored-world.ts'
import type { QueryName } from '../queries/index.ts'
import { logReader } from '../sqlite/read-log.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

/** Those that promise no order. */
const unordered = new Set<QueryName>(['visibleUsers', 'heads', 'routes', 'stayCounts'])

/** What both stores must answer alike: bytes as text, and lists in one order. */
function plain(name: QueryName, answer: unknown): unknown {
  const text = JSON.stringify(answer, (key, value: unknown) => {
    if (key === 'workedMs') return undefined
    if (isBytes(value)) return `0x${Buffer.from(value).toString('hex')}`
    return value instanceof Map ? [...value] : value
  })
  const parsed: unknown = text === undefined ? undefined : JSON.parse(text)
  return unordered.has(name) ? sorted(parsed) : parsed
}

// A Buffer has turned itself into this by then.
function isBytes(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) return true
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .map(sorted)
      .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, sorted(each)]))
}

describe('MariaDB', () => {
  test('answers every question as SQLite does', async () => {
    const busy = await busyWorld(1, 300)
    const reader = await mirrored(busy.world, mariadb.freshUrl())
    const questions = everyQuestion(busy)
    let told = 0
    for (const name of Object.keys(questions) as QueryName[]) {
      for (const args of questions[name]) {
        const expected = plain(name, await busy.world.ask(name, args as never))
        const answer = await reader.ask(name, args as never)
        expect(plain(name, answer), `${name} ${JSON.stringify(args)}`).toEqual(expected)
        if (JSON.stringify(expected ?? []).length > 10) told += 1
      }
    }
    // Two empty databases would agree as well.
    expect(told).toBeGreaterThan(200)
  }, 60_000)

  test('gives bytes as plain Uint8Arrays that keep nothing else alive', async () => {
    const busy = await busyWorld(3, 50)
    const reader = await mirrored(busy.world, mariadb.freshUrl())
    const page = await reader.ask('usersPage', { nameKey: '', afterKey: '', limit: 1 })
    expect(page[0]?.publicId.constructor).toBe(Uint8Array)
    expect(page[0]?.publicId.buffer.byteLength).toBe(16)
  })

  test('reads logs byte by byte as SQLite does, whatever the range and the room', async () => {
    const busy = await busyWorld(4)
    const reader = await mirrored(busy.world, mariadb.freshUrl())
    const readSqlite = logReader(busy.world.db)
    for (const id of busy.conversations) {
      const conversation = busy.world.conversation(id)
      for (const [from, to, maxBytes] of ranges) {
        const expected = readSqlite(conversation, from, to, maxBytes)
        const run = await reader.readLog(conversation, from, to, maxBytes)
        expect([run.firstSeq, run.count]).toEqual([expected.firstSeq, expected.count])
        expect(Buffer.compare(run.packed, expected.packed)).toBe(0)
      }
    }
  })
})

const ranges = [
  [1, 1_000_000, 1e9],
  [1, 1_000_000, 9_000],
  [1, 64, 1e6],
  [2, 70, 3_000],
  [3, 3, 1],
  [60, 200, 8_000],
  [5, 4, 1e6],
  [100_000, 100_010, 1e6],
] as const
