import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { MemoryState, connect, register } from '@parley/client'
import type { ChatClient } from '@parley/client'
import { startCluster } from '@parley/cluster'
import { eventually } from '@parley/testkit'
import { cpuSeconds } from '../measure/process-cpu.ts'
import { round } from '../measure/statistics.ts'
import type { Order, Told } from './sender-process.ts'

/** What one download took. */
export interface Run {
  readonly way: 'direct' | 'server'
  readonly round: number
  readonly seconds: number
  readonly receiverCpuSeconds: number
  readonly senderCpuSeconds: number
  readonly serverCpuSeconds: number
}

/** The services, a device that has sent a file, and one that downloads it here. */
export async function openStage(folder: string, mib: number) {
  const cluster = await startCluster({
    folder: path.join(folder, 'data'),
    env: { ...process.env, LOG_LEVEL: 'warn' },
    restart: 'manual',
    services: ['relay', 'file-server'],
  })
  const relay = `127.0.0.1:${cluster.ports.relay}`
  const file = path.join(folder, 'file')
  writeFileSync(file, randomBytes(mib << 20))
  const sender = await openSender(relay)
  const { client, moves } = await openReceiver(relay)
  const place = await sentFile(sender, client, file)
  const { conversationId } = place
  client.direct(conversationId, true)
  let number = 0
  return {
    async download(way: Run['way'], nth: number): Promise<Run> {
      await sender.does({ do: 'direct', conversationId, allowed: way === 'direct' })
      const wanted = way === 'direct' ? 'open' : 'closed'
      await eventually(() => (moves.at(-1) ?? 'closed') === wanted, { timeoutMs: 60_000 })
      const pids = { sender: sender.pid, server: cluster.pid('file-server') ?? 0 }
      const before = instant(pids)
      const target = path.join(folder, `copy-${(number += 1)}`)
      const { bytes, directBytes } = await client.download(place, target)
      const after = instant(pids)
      rmSync(target)
      if (directBytes !== (way === 'direct' ? bytes : 0)) throw new Error('it came another way')
      return { way, round: nth, ...between(before, after) }
    },
    async close() {
      sender.close()
      await client.close()
      await cluster.stop()
    },
  }
}

async function openSender(relay: string) {
  const child = fork(path.join(import.meta.dirname, 'sender-process.ts'), [relay])
  const told = async () => {
    const [answer] = (await once(child, 'message')) as [Told]
    return answer
  }
  const { userId = '' } = await told()
  const does = (order: Order): Promise<Told> => {
    const answer = told()
    child.send(order)
    return answer
  }
  return { userId, does, pid: child.pid ?? 0, close: () => child.disconnect() }
}

async function openReceiver(relay: string) {
  const options = { servers: [relay], state: new MemoryState() }
  const password = 'a password of the bench'
  await register(options, { name: 'bob', password, deviceName: 'bench' })
  const client = connect({ ...options, directHost: '127.0.0.1', directUdp: false })
  const moves: string[] = []
  client.on((event) => {
    if (event.type === 'direct-path') moves.push(event.state)
  })
  await client.caughtUp()
  return { client, moves }
}

async function sentFile(
  sender: Awaited<ReturnType<typeof openSender>>,
  client: ChatClient,
  file: string,
) {
  const isKnown = new Promise<void>((resolve) => {
    client.on((event) => {
      if (event.type === 'entries' && event.conversation.peerId !== '') resolve()
    })
  })
  const { userId } = client.login
  await sender.does({ do: 'befriend', userId })
  const asker = Buffer.from(sender.userId.replaceAll('-', ''), 'hex')
  await client.calls.contacts.answer({ userId: asker, accept: true })
  const { conversationId = '', seq = 0 } = await sender.does({ do: 'send', userId, path: file })
  await isKnown
  return { conversationId, seq }
}

function instant({ sender, server }: { readonly sender: number; readonly server: number }) {
  const { user, system } = process.cpuUsage()
  const cpu = { sender: cpuSeconds(sender), server: cpuSeconds(server) }
  return { ms: performance.now(), receiver: (user + system) / 1e6, ...cpu }
}

type Instant = ReturnType<typeof instant>

function between(before: Instant, after: Instant) {
  return {
    seconds: round((after.ms - before.ms) / 1_000),
    receiverCpuSeconds: round(after.receiver - before.receiver),
    senderCpuSeconds: round(after.sender - before.sender),
    serverCpuSeconds: round(after.server - before.server),
  }
}
