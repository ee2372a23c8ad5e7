import { randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mustAdmin, runAdmin } from '../harness/admin-command.ts'
import type { ParleyCommand } from '../harness/parley-command.ts'
import { Person } from '../harness/person.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const platform = `${process.platform}-${process.arch}`
const keys = { ours: '', strange: '' }
const bytes = randomBytes(3_000_000)
const fileIndex = 'file-server/filecache/uploads.sqlite'

let world: World
let ann: ParleyCommand
let person: Person

beforeAll(async () => {
  const env = { COLLECT_EVERY_MS: '1000', REFUSE_OLD_CLIENTS: '1' }
  world = await startWorld({ services: ['relay', 'file-server'], env })
  ann = world.parley('ann')
  await ann.register('ann')
  person = await Person.register(world.relay, 'bob')
  await writeFile(at('package'), bytes)
  for (const name of ['ours', 'strange'] as const) {
    const made = await mustAdmin(world, ['upgrade-key', 'create', at(`${name}.key`)])
    keys[name] = String(made.lines[0]?.['publicKey'])
  }
})
afterAll(async () => {
  await person.close()
  await world.stop()
})

const at = (...parts: string[]) => path.join(world.folder, ...parts)

function publish(version: string, options: readonly string[] = [], key = 'ours.key') {
  const named = ['--platform', platform, '--version', version, '--key', at(key)]
  return mustAdmin(world, ['publish-upgrade', '--package', at('package'), ...named, ...options])
}

/** `parley upgrade` with a key pinned; its line, or the reason on stderr. */
async function upgrade(args: readonly string[] = [], pinned = keys.ours) {
  const env: Record<string, string> = pinned === '' ? {} : { PARLEY_UPGRADE_KEYS: pinned }
  const { code, lines, stderr } = await ann.run(['upgrade', ...args], env)
  const reason = stderr === '' ? undefined : (JSON.parse(stderr) as { reason: string }).reason
  return { code, line: lines[0], reason }
}

/** What somebody does who has the relay's database. */
function meddle(sql: string): void {
  withDatabase('relay/myim.sqlite', (db) => db.exec(sql))
}

function withDatabase<T>(file: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(at('data', file), { timeout: 5_000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}

async function emptyFolder(): Promise<string> {
  const folder = at('downloads')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  return folder
}

describe('a published package', () => {
  test('is told, verified and fetched, also after the relay was killed, and not collected', async () => {
    expect(await upgrade(['--check'], '')).toMatchObject({
      code: 1,
      reason: 'UPGRADE_KEYS_MISSING',
    })
    const nothing = { state: 'current', own: '0.0.0', version: null }
    expect(await upgrade()).toMatchObject({ code: 0, line: nothing })
    // The same bytes, which nobody holds, before and after: what is held is not the blob alone.
    const client = person.connect({ transient: true })
    await client.uploadFile(at('package'))
    await publish('1.5.0', ['--notes', 'Better.'])
    await client.uploadFile(at('package'))
    await unheldAreGone()
    await world.kill('relay')
    await world.cluster.start('relay')

    const watch = ann.start(['watch'])
    const told = await watch.until(({ type }) => type === 'upgrade')
    expect(told).toMatchObject({ version: '1.5.0', required: false })
    await watch.stop()
    const available = {
      state: 'available',
      version: '1.5.0',
      notes: 'Better.',
      sizeBytes: 3_000_000,
    }
    expect(await upgrade(['--check'])).toMatchObject({ code: 0, line: available })

    const folder = await emptyFolder()
    const { code, line } = await upgrade(['--download', folder])
    expect({ code, type: line?.type }).toEqual({ code: 0, type: 'upgrade-downloaded' })
    const [name = '', ...others] = await readdir(folder)
    expect([name, others]).toEqual([`parley-1.5.0-${platform}.package`, []])
    expect((await readFile(path.join(folder, name))).equals(bytes)).toBe(true)
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600)
    expect(await upgrade(['--download', folder])).toMatchObject({ reason: 'FILE_EXISTS' })
  })

  test('that is needed makes an older client say so and end in its own way, and can still be fetched', async () => {
    await publish('1.6.0', ['--min-version', '1.0.0'])
    const required = { line: { state: 'required', version: '1.6.0' }, reason: 'CLIENT_TOO_OLD' }
    expect(await upgrade()).toMatchObject({ code: 4, ...required })
    // Relays look every 5 s at what is published.
    await eventually(
      async () => {
        const { code, stderr } = await ann.run(['send', '@bob', 'still here'])
        expect({ code, stderr }).toMatchObject({ code: 4 })
        expect(stderr).toContain('CLIENT_TOO_OLD')
        expect(stderr).toContain('The message waits in the outbox')
      },
      { timeoutMs: 60_000 },
    )
    expect(await ann.run(['watch'])).toMatchObject({ code: 4 })
    expect(await upgrade(['--download', await emptyFolder()])).toMatchObject({ code: 0 })
  })

  test('is published once, with a key that nobody else can read', async () => {
    const again = ['--platform', platform, '--version', '1.6.0', '--key', at('ours.key')]
    const twice = await runAdmin(world, ['publish-upgrade', '--package', at('package'), ...again])
    expect(twice.stderr).toContain('VERSION_PUBLISHED')
    await writeFile(at('open.key'), await readFile(at('ours.key')), { mode: 0o644 })
    const open = await runAdmin(world, ['upgrade-key', 'show', at('open.key')])
    expect(open.stderr).toContain('KEY_EXPOSED')
    const made = await runAdmin(world, ['upgrade-key', 'create', at('ours.key')])
    expect(made.stderr).toContain('FILE_EXISTS')
  })
})

describe('what is not as the operator signed it is refused, and nothing of it is kept:', () => {
  test('a strange key, changed bytes, an old package, one of another platform, another file', async () => {
    const folder = await emptyFolder()
    const fetched = (pinned?: string) => upgrade(['--download', folder], pinned)
    const refusedAs = (reason: string) => ({ code: 1, reason, line: undefined })
    expect(await fetched(keys.strange)).toMatchObject(refusedAs('UPGRADE_KEY_UNKNOWN'))

    const newest = "version = '1.6.0'"
    meddle(`update upgrades set manifest = cast(replace(cast(manifest as text), '1.6.0', '1.7.0') as blob)
      where ${newest}`)
    expect(await fetched()).toMatchObject(refusedAs('UPGRADE_SIGNATURE_WRONG'))
    meddle(`delete from upgrades where ${newest}`)
    expect(await fetched()).toMatchObject(refusedAs('UPGRADE_REPLAYED'))

    await publish('9.0.0', ['--channel', 'beta'])
    meddle("update upgrades set channel = 'stable' where version = '9.0.0'")
    expect(await fetched()).toMatchObject(refusedAs('UPGRADE_MISPLACED'))
    meddle("delete from upgrades where version = '9.0.0'")

    await publish('2.0.0', [], 'strange.key')
    expect(await fetched()).toMatchObject(refusedAs('UPGRADE_KEY_UNKNOWN'))
    await publish('2.1.0')
    await spoilBlobs()
    expect(await fetched()).toMatchObject(refusedAs('DIGEST_MISMATCH'))
    await publish('0.0.0-alpha.1')
    expect(await upgrade()).toMatchObject({ code: 0, line: { state: 'older' } })
    expect(await fetched()).toMatchObject(refusedAs('UPGRADE_OLDER'))
    expect(await readdir(folder)).toEqual([])
    expect(world.deaths()).toEqual([])
  })
})

/** Once one file is held: lets the time pass for which the others are kept, until they are gone. */
async function unheldAreGone(): Promise<void> {
  const count = (where: string) =>
    withDatabase(
      fileIndex,
      (db) => db.prepare(`select count(*) as n from files where ${where}`).get()?.['n'],
    )
  const soon = { timeoutMs: 60_000 }
  await eventually(() => expect(count('unheld_since_ms is null')).toBe(1), soon)
  expect(count('unheld_since_ms is not null')).toBe(2)
  const late = 'update files set unheld_since_ms = 1 where unheld_since_ms is not null'
  withDatabase(fileIndex, (db) => db.exec(late))
  await eventually(() => expect(count('unheld_since_ms is not null')).toBe(0), soon)
}

/** Changes one byte of every blob on the file server's disk. */
async function spoilBlobs(): Promise<void> {
  const blobs = path.join(world.cluster.dataFolder('file-server'), 'filecache/blobs')
  const found = await readdir(blobs, { recursive: true, withFileTypes: true })
  const files = found.filter((one) => one.isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    const spoilt = Buffer.from(bytes)
    spoilt[1_000_000] = (spoilt[1_000_000] ?? 0) ^ 1
    await rm(path.join(file.parentPath, file.name))
    await writeFile(path.join(file.parentPath, file.name), spoilt)
  }
}
