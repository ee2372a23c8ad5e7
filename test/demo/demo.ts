/** `npm run demo`: real processes on free ports, people who use the real `parley` command, checks, a transcript. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startCluster } from '@parley/cluster'
import { Actor } from './actor.ts'
import { play } from './play.ts'
import { scene } from './transcript.ts'

const startedMs = Date.now()
const folder = await mkdtemp(path.join(tmpdir(), 'parley-demo-'))
const aborter = new AbortController()
process.once('SIGINT', () => aborter.abort(new Error('interrupted')))
process.once('SIGTERM', () => aborter.abort(new Error('interrupted')))

try {
  await perform()
  console.log(`\nAll of it held. ${((Date.now() - startedMs) / 1000).toFixed(0)} s`)
} catch (error) {
  console.error('\nThe demo failed:', error)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exit()

async function perform(): Promise<void> {
  scene('nats-server, relay, presence, file server and image server start')
  const data = path.join(folder, 'data')
  const { signal } = aborter
  const cluster = await startCluster({ folder: data, env: process.env, restart: 'manual', signal })
  for (const member of cluster.members) {
    console.log(`   ${member}: ${Object.values(cluster.addresses(member)).join(', ')}`)
  }
  const server = `127.0.0.1:${cluster.ports.relay}`
  const actor = (name: string) => Actor.enter(name, path.join(folder, name), server)
  const cast = { ann: await actor('ann'), bob: await actor('bob'), carol: await actor('carol') }
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
  })
  try {
    await Promise.race([play(cast), interrupted])
  } finally {
    for (const one of Object.values(cast)) one.close()
    scene('everything stops')
    await cluster.stop()
  }
}
