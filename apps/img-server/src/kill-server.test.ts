import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { scene } from './testing/pictures.ts'
import { childrenOf, isAlive } from './testing/processes.ts'
import { append, begin, look } from './testing/requests.ts'
import { main, relayForProcess, startServerProcess } from './testing/server-process.ts'
import { alice } from './testing/start-test-server.ts'

async function setup() {
  const relay = await relayForProcess(await tempFolder(), recordingLogger().log)
  onTestFinished(() => relay.close())
  const start = async () => {
    const end = (child: ChildProcess) => onTestFinished(() => void child.kill('SIGKILL'))
    const running = await startServerProcess(relay.env, end)
    running.stderr.pipe(process.stderr)
    return running
  }
  return { ...relay, data: relay.env.DATA_DIR, start }
}

test('a server killed while it processes an image leaves no worker, and makes it when its client goes on', async () => {
  const { start: startServer, token, data } = await setup()
  const access = await token(alice)
  const bytes = await scene(3000, 2000).png({ compressionLevel: 1 }).toBuffer()
  const first = await startServer()
  const upload = await begin(first.url, access, bytes.length)
  const answer = append(upload, access, bytes).catch(() => 'cut off')
  // The worker is at it: its folder has been made.
  await eventually(async () => (await readdir(join(data, 'work'))).length > 0)
  const workers = await childrenOf(first.child.pid ?? 0)
  expect(workers).toHaveLength(2)
  first.child.kill('SIGKILL')
  expect(await answer).toBe('cut off')
  await eventually(() => workers.every((pid) => !isAlive(pid)))
  const second = await startServer()
  expect(await readdir(join(data, 'work'))).toEqual([])
  const again = upload.replace(first.url, second.url)
  const offsetBytes = Number((await look(again, access)).headers.get('upload-offset'))
  expect(bytes.length - offsetBytes).toBeLessThanOrEqual(8 * 1024 * 1024)
  const rest = await append(again, access, bytes.subarray(offsetBytes), offsetBytes)
  expect([rest.status, await rest.text()]).toEqual([204, ''])
  expect(rest.headers.get('parley-image-id')).toMatch(/^[a-z2-7]{32}$/)
  expect(await readdir(join(data, 'parts'))).toEqual([])
}, 60_000)

test('a second server on the same folder is told so, and nothing of the first is touched', async () => {
  const { start: startServer, data } = await setup()
  const first = await startServer()
  const env = { PORT: '0', INTERNAL_PORT: '0', DATA_DIR: data, INTERNAL_KEY: 'k'.repeat(32) }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (text) => (words += String(text)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(78)
  expect(words).toContain('FOLDER_IN_USE')
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200)
  expect((await stat(data)).mode & 0o777).toBe(0o700)
}, 30_000)
