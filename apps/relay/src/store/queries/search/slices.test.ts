import { systemScheduler } from '@parley/service-kit'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { kyselyOnPool } from '../../mysql/kysely.ts'
import { ReadPool } from '../../mysql/read-pool.ts'
import { kyselyOn } from '../../sqlite/kysely.ts'
import { openDatabase } from '../../sqlite/open-database.ts'
import { Slices } from './slices.ts'

describe('slices', () => {
  it('let others have their turn after 5 ms of work, and not before', async () => {
    let cpuMs = 100
    const slices = new Slices(1_000, () => cpuMs)
    let turns = 0
    systemScheduler.soon(() => (turns += 1))
    cpuMs += 4.9
    await slices.pause()
    expect(turns).toBe(0)
    cpuMs += 0.1
    await slices.pause()
    expect(turns).toBe(1)
  })

  it('count the own work only', async () => {
    let cpuMs = 100
    const slices = new Slices(30, () => cpuMs)
    cpuMs += 6
    systemScheduler.soon(() => (cpuMs += 500))
    await slices.pause()
    expect(slices.workedMs).toBe(6)
    cpuMs += 23
    expect(slices.isOver).toBe(false)
    cpuMs += 1
    expect(slices.isOver).toBe(true)
  })

  it('do not count what the thread does for others while a database elsewhere answers', async () => {
    let cpuMs = 100
    const slices = new Slices(30, () => cpuMs)
    const rows = () => {
      cpuMs += 500
      return Promise.resolve([{ one: 1 }])
    }
    const connection = { isOpen: true, rows, column: () => Promise.resolve([]), close() {} }
    const pool = new ReadPool(() => Promise.resolve(connection), systemScheduler)
    const db = slices.around(kyselyOnPool(pool))
    cpuMs += 6
    const found = await sql<{ one: number }>`select 1 as one`.execute(db)
    expect(found.rows).toEqual([{ one: 1 }])
    expect(slices.workedMs).toBe(6)
    await db.selectFrom('users').select('id').execute()
    cpuMs += 23
    expect(slices.workedMs).toBe(29)
    expect(slices.isOver).toBe(false)
    pool.close()
  })

  it('count what a database of their own thread takes', async () => {
    let cpuMs = 100
    const slices = new Slices(30, () => cpuMs)
    const connection = openDatabase({ file: ':memory:' })
    connection.function('work', () => (cpuMs += 12))
    await sql`select work()`.execute(slices.around(kyselyOn(connection)))
    expect(slices.workedMs).toBe(12)
    connection.close()
  })

  it('measure the CPU time of their thread', () => {
    const slices = new Slices(3)
    while (!slices.isOver) Math.sqrt(2)
    expect(slices.workedMs).toBeGreaterThanOrEqual(3)
  })
})
