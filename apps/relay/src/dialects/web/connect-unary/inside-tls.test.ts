import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { tempFolder, testAuthority } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { startRelayWorld } from '../../../testing/relay-world.ts'

const run = promisify(execFile)

test('curl calls inside TLS, also when it offers HTTP/2', async () => {
  const authority = await testAuthority()
  const { cert, key } = await authority.sign('relay')
  const world = await startRelayWorld(await tempFolder(), { TLS_CERT: cert, TLS_KEY: key })
  onTestFinished(() => world.close())
  const body = { requestId: 'A'.repeat(22), name: 'ann', password: 'correct horse' }
  const asked = ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)]
  const url = `https://${world.publicAddress}/parley.chat.v1.Accounts/Register`
  const trusting = ['-sS', '--noproxy', '*', '--cacert', authority.cert, '--http2']
  const { stdout } = await run('curl', [...trusting, ...asked, url])
  expect(JSON.parse(stdout)).toMatchObject({ credentials: { userName: 'ann' } })
})
