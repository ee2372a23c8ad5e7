import path from 'node:path'
import { connect } from 'node:tls'
import { eventually, testAuthority } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { contentOf, ParleyCommand } from '../harness/parley-command.ts'
import { passwordOf } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'

test('the command talks by TLS with a relay that it trusts, and with a client of the text dialect inside TLS', async () => {
  const authority = await testAuthority()
  const { cert, key } = await authority.sign('relay')
  const env = { TLS_CERT: cert, TLS_KEY: key, DIALECTS: 'grpc,text' }
  const world = await testWorld({ services: ['relay'], env })
  const port = world.cluster.ports.relay
  const server = `tls://localhost:${port}`
  const trusting = { NODE_EXTRA_CA_CERTS: authority.cert }
  const home = (name: string) => path.join(world.folder, 'homes', name)
  const ann = new ParleyCommand(home('ann'), server)
  const bob = world.parley('bob')

  const refused = await ann.run(['register', 'ann'], { PARLEY_PASSWORD: 'correct horse' })
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('its certificate is not trusted')

  await ann.must(['register', 'ann'], { ...trusting, PARLEY_PASSWORD: 'correct horse' })
  await bob.register('bob')
  await bob.must(['friends', 'add', 'ann'])
  await ann.must(['friends', 'accept', 'bob'], trusting)
  const watch = ann.start(['watch'], trusting)
  await watch.until((line) => line['state'] === 'caught-up')
  await bob.must(['send', '@ann', 'from without'])
  await watch.until((line) => contentOf(line)['text'] === 'from without')
  const byAddress = { ...trusting, PARLEY_SERVER: server.replace('localhost', '127.0.0.1') }
  const { stderr } = await ann.must(['send', '@bob', 'from inside'], byAddress)
  expect(stderr).toBe('')

  const old = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.pem })
  onTestFinished(() => void old.destroy())
  let answers = ''
  old.setEncoding('utf8').on('data', (text: string) => (answers += text))
  old.write(`101|bob,${passwordOf('bob')}\r\n`)
  await eventually(() => expect(answers).toMatch(/^1\|/))
  old.write('103|bob,ann,from long ago\r\n')
  await watch.until((line) => contentOf(line)['text'] === 'from long ago')
  await watch.stop()
})
