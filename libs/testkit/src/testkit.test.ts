import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { eventually, freePort, recordingLogger, tempFolder } from './index.ts'

test('eventually returns what the function answers once it holds', async () => {
  let calls = 0
  const answer = await eventually(() => {
    calls += 1
    if (calls < 3) throw new Error('not yet')
    return calls
  })
  expect(answer).toBe(3)
})

test('eventually gives up with the last failure', async () => {
  const never = eventually(() => expect(1).toBe(2), { timeoutMs: 20, everyMs: 1 })
  await expect(never).rejects.toThrow(/not within 20 ms.*expected 1 to be 2/)
  await expect(eventually(() => false, { timeoutMs: 20 })).rejects.toThrow('still false')
})

test('a free port can be listened on', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  expect(server.listening).toBe(true)
  await new Promise((resolve) => server.close(resolve))
})

const folders: string[] = []

test('a temporary folder is there during its test', async () => {
  const folder = await tempFolder()
  folders.push(folder)
  expect(existsSync(folder)).toBe(true)
})

test('and gone after it', () => {
  expect(folders.map((folder) => existsSync(folder))).toEqual([false])
})

test('a recording logger keeps lines as the real one would write them, secrets blanked', () => {
  const { log, lines } = recordingLogger()
  log.warn({ token: 'abc', user: { password: 'x', name: 'ann' } }, 'odd request')
  expect(lines).toMatchObject([
    { msg: 'odd request', token: '[redacted]', user: { password: '[redacted]', name: 'ann' } },
  ])
})
