import path from 'node:path'
import { testAuthority } from '@parley/testkit'
import { expect, test } from 'vitest'
import { contentOf, ParleyCommand } from '../harness/parley-command.ts'
import { testWorld } from '../harness/world.ts'

test('the command talks to a relay by TLS when it trusts who vouches for it, and else says why not', async () => {
  const authority = await testAuthority()
  const { cert, key } = await authority.sign('relay')
  const world = await testWorld({ services: ['relay'], env: { TLS_CERT: cert, TLS_KEY: key } })
  const server = `tls://localhost:${world.cluster.ports.relay}`
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
  await watch.stop()
})
