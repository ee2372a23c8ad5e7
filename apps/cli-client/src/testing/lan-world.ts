import { makeKeyPair } from '@parley/direct'
import type { KeyPair } from '@parley/direct'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { createSocket } from 'node:dgram'
import { onTestFinished } from 'vitest'
import { lanGroup } from '../lan/beacon.ts'
import { openLan } from '../lan/lan.ts'
import type { Lan } from '../lan/lan.ts'
import { networksOf } from '../lan/networks.ts'
import type { Peer } from '../lan/peers.ts'
import type { NamedKey } from '../lan/standing.ts'
import type { SaidMessage } from '../lan/talk.ts'

/** How long a test waits for what goes over the network. */
export const patience = { timeoutMs: 30_000, everyMs: 20 }
const networks = networksOf(['127.0.0.1'])

/** A UDP port for a network of its own: until the test has finished nobody gets it who does not share it. */
export async function freeUdpPort(finished = onTestFinished): Promise<number> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  finished(() => void socket.close())
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return socket.address().port
}

/** A client, and what it heard. */
export interface Heard {
  readonly lan: Lan
  readonly me: KeyPair
  readonly said: { text: string; who: string }[]
  readonly met: NamedKey[]
  readonly left: string[]
  readonly changes: string[]
}

/** A network of its own: loopback, at a port that others do not have. */
export async function lanWorld() {
  const port = await freeUdpPort()
  const join = async (
    name: string,
    me = makeKeyPair(),
    appear = true,
    scheduler = systemScheduler,
    remembers = () => Promise.resolve(),
  ): Promise<Heard> => {
    const heard = {
      me,
      said: [] as Heard['said'],
      met: [] as NamedKey[],
      left: [] as string[],
      changes: [] as string[],
    }
    const lan = await openLan(
      {
        me,
        name,
        networks,
        port,
        scheduler,
        peer({ kind, peer }) {
          heard.changes.push(kind)
          if (kind === 'left') heard.left.push(peer.name)
        },
        met(who) {
          heard.met.push(who)
          return remembers()
        },
        show: async ({ text }, who) => void heard.said.push({ text, who: who.name }),
      },
      { appear },
    )
    onTestFinished(() => lan.close())
    return { ...heard, lan }
  }
  return { port, join }
}

/** Somebody, as soon as they are heard of. */
export async function peerOf({ lan }: Heard, name: string): Promise<Peer> {
  return eventually(() => {
    const peer = lan.peers.find((each) => each.name === name)
    if (!peer) throw new Error(`${name} is not here`)
    return peer
  }, patience)
}

let count = 0
/** A message under an id of its own. */
export function words(text: string): SaidMessage {
  count += 1
  const messageId = `01939d0c-7a31-7000-8000-${String(count).padStart(12, '0')}`
  return { type: 'say', messageId, text, sentAtMs: 1 }
}

/** Says something to somebody by name. */
export async function say(from: Heard, name: string, text: string): Promise<void> {
  const talk = await from.lan.talkTo(await peerOf(from, name))
  await talk.say(words(text))
}

/** Sends a datagram to the group: of several who listen at one port, only one gets what is sent to the address. */
export async function shout(datagram: Uint8Array, port: number, count = 1): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  socket.setMulticastInterface('127.0.0.1')
  const sent = () =>
    new Promise<void>((resolve) => socket.send(datagram, port, lanGroup, () => resolve()))
  for (let nth = 0; nth < count; nth += 1) await sent()
  socket.close()
}
