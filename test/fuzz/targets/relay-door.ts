import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { chat } from '@parley/proto'
import { createLogger } from '@parley/service-kit'
import { eventually, testAuthority } from '@parley/testkit'
import { startRelayWorld } from '../../../apps/relay/src/testing/relay-world.ts'
import type { Person, RelayWorld } from '../../../apps/relay/src/testing/relay-world.ts'
import { recorded } from '../recorded.ts'
import { relayGrammar, times } from '../relay-grammar.ts'
import type { Target } from '../target.ts'
import { throwAt, throwInto } from '../throw-at.ts'
import type { Thrown } from '../throw-at.ts'

const env = {
  DIALECTS: 'grpc,websocket,text,java',
  RATE_FACTOR: '1000000',
  MAX_CONNECTIONS_PER_ADDRESS: '10000',
}

/** A real relay, all of its dialects at one port: every connection is closed, and nothing is left of it. */
export const relayDoor: Target = {
  name: 'the public port of a relay',
  weight: 4,
  maxGrowthBytes: 64 * 2 ** 20,
  async open() {
    const { port, ...opened } = await openRelay()
    return {
      ...opened,
      try: async (input, random) => outcomeOf(await throwAt(port, input, random)),
    }
  },
}

/** The same with TLS: half of the inputs come inside it, the other half in its place. */
export const tlsDoor: Target = {
  name: 'the public port of a relay with TLS',
  weight: 1,
  maxGrowthBytes: 64 * 2 ** 20,
  async open() {
    const authority = await testAuthority()
    const { cert, key } = await authority.sign('relay')
    const { port, sessions, ...opened } = await openRelay({ TLS_CERT: cert, TLS_KEY: key })
    const at = { host: '127.0.0.1', port, ca: authority.pem, servername: 'localhost' }
    const hello = await recorded(`127.0.0.1:${port}`, async (address) => {
      const socket = connectTls({ ...at, port: Number(address.split(':')[1]) })
      await once(socket, 'secureConnect')
      socket.end()
      await once(socket, 'close')
    })
    return {
      ...opened,
      sessions: [...sessions, ...times(sessions.length, [hello])],
      async try(input, random) {
        const isHello = input[0] === hello[0]
        if (isHello) return `in its place: ${outcomeOf(await throwAt(port, input, random))}`
        return outcomeOf(await throwInto(connectTls(at), input, random))
      },
    }
  },
}

async function openRelay(more: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-fuzz-'))
  const errors: string[] = []
  const log = createLogger('relay', 'error', { write: (line) => void errors.push(line) })
  const world = await startRelayWorld(folder, { ...env, ...more }, log)
  const [ann, bob] = [await world.register('ann'), await world.register('bob')]
  return {
    ...(await relayGrammar(world, ann, bob)),
    port: Number(world.publicAddress.split(':')[1]),
    atOnce: 16,
    async isSound() {
      if (errors.length > 0) throw new Error(`the relay has failed: ${errors.join('')}`)
      await goesOn(world, ann, bob)
      await eventually(async () => {
        const { sessions } = await world.operator.operators.listSessions()
        if (sessions.length > 0) throw new Error(`${sessions.length} sessions are left`)
      })
    },
    async close() {
      await world.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function outcomeOf({ answer, endedFirst }: Thrown): string {
  return `${kindOf(answer)}${endedFirst ? ', ended by the server' : ''}`
}

function kindOf(answer: Buffer): string {
  const text = answer.toString('latin1')
  const http = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1]
  if (http === '101') return 'WebSocket'
  if (http !== undefined) return `HTTP ${http}`
  if (text.startsWith('This is Parley.')) return 'told what is spoken'
  if (text.startsWith('\xac\xed')) return 'Java objects'
  if (text.startsWith('\x15\x03') || text.startsWith('\x16\x03')) return 'TLS'
  if (/^[01]\|/.test(text)) return `text ${text.slice(0, 2)}`
  if (answer.length === 0) return 'nothing'
  return 'HTTP/2'
}

/** People who were there before can still speak. */
async function goesOn(world: RelayWorld, ann: Person, bob: Person): Promise<void> {
  const to: chat.Send['target'] = { $case: 'userId', value: bob.userId }
  const content: chat.Content['content'] = { $case: 'text', value: { text: 'still here' } }
  const answers = await world.send(ann, { to, content })
  if (answers.length !== 1) throw new Error('a message is not answered')
}
