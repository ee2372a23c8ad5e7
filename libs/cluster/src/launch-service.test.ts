import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { launchService } from './launch-service.ts'

const program = join(import.meta.dirname, 'service.fixture.ts')

async function launch(mode: string, options: { signal?: AbortSignal; readyLimitMs?: number } = {}) {
  const logFile = join(await tempFolder(), 'fixture.log')
  const { signal = new AbortController().signal, ...limits } = options
  const env = { ...process.env, MODE: mode }
  const running = launchService({ name: 'fixture', program, env, logFile, ...limits }, signal)
  const stop = () => running.then((up) => up.signal('SIGKILL')).catch(() => undefined)
  onTestFinished(stop)
  return { running, logFile }
}

describe('launchService', () => {
  test('resolves when the service says it is ready, and tells when and how it ended', async () => {
    const { running, logFile } = await launch('good')
    const up = await running
    expect(up.addresses).toEqual({ public: '127.0.0.1:1' })
    expect(await readFile(logFile, 'utf8')).toContain('parent watch 1')
    expect((await stat(logFile)).mode & 0o777).toBe(0o600)
    up.signal('SIGKILL')
    expect(await up.ended).toEqual({ code: null, signal: 'SIGKILL' })
    up.signal('SIGTERM')
  })

  test('stops in order when asked', async () => {
    const up = await (await launch('good')).running
    up.signal('SIGTERM')
    expect(await up.ended).toEqual({ code: 0, signal: null })
  })

  test('a service that refuses to start is told apart, in its own words', async () => {
    const { running } = await launch('refused')
    await expect(running).rejects.toMatchObject({
      reason: 'SERVICE_REFUSED',
      message: 'fixture cannot start: port 7 is taken (ADDRESS_IN_USE)',
    })
  })

  test('a service that crashes at its start is told in one line, and where its log is', async () => {
    const { running, logFile } = await launch('broken')
    await expect(running).rejects.toMatchObject({
      reason: 'SERVICE_FAILED',
      message: `fixture ended before it was ready: a bug (see ${logFile})`,
    })
  })

  test('a service that is not ready in time is ended', async () => {
    const { running } = await launch('silent', { readyLimitMs: 300 })
    await expect(running).rejects.toMatchObject({ kind: 'deadline' })
  })

  test('an abort ends a service that is starting', async () => {
    const aborter = new AbortController()
    const { running, logFile } = await launch('silent', { signal: aborter.signal })
    await eventually(async () => (await stat(logFile)).isFile())
    aborter.abort()
    await expect(running).rejects.toMatchObject({ reason: 'SERVICE_FAILED' })
  })
})
