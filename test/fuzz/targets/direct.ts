import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { isAppError } from '@parley/errors'
import { makeKeyPair, openChannel } from '../../../libs/direct/src/index.ts'
import type { Channel, KeyPair, Role } from '../../../libs/direct/src/index.ts'
import { piecesOf } from '../input.ts'
import type { Random } from '../input.ts'
import type { Opened, Target } from '../target.ts'

const purpose = 'fuzz'
/** Long enough for a machine with other work: nobody waits for it. */
const limits = { handshakeMs: 60_000 }

/** Strangers who want to open a channel, and genuine peers whose bytes somebody changes on the way. */
export const directChannel: Target = {
  name: 'direct channel',
  weight: 2,
  maxGrowthBytes: 8 * 2 ** 20,
  async open(): Promise<Opened> {
    const me = makeKeyPair()
    return {
      sessions: await recordedSessions(me),
      words: ['0000', '0020', '0060', 'ffff', '00'.repeat(32), 'ff'.repeat(32)].map((hex) =>
        Buffer.from(hex, 'hex'),
      ),
      try: (input, random) =>
        random() < 0.5 ? meetStranger(me, input, random) : breakIn(me, input, random),
    }
  },
}

/** All bytes that each side of a genuine session sends. */
async function recordedSessions(me: KeyPair): Promise<Buffer[]> {
  const { channel, peer, far, near } = await genuine(me)
  const sent = { near: far.bytes, far: near.bytes }
  peer.onMessage(() => undefined)
  channel.onMessage(() => undefined)
  for (const text of ['hello', 'x'.repeat(1_000)]) {
    peer.send(Buffer.from(text))
    channel.send(Buffer.from(text))
  }
  await peer.close()
  await channel.ended
  return [Buffer.concat(sent.near), Buffer.concat(sent.far)]
}

/** A pair of streams that keep what was heard at each end. */
function wire(): [Duplex, Duplex] {
  return duplexPair()
}

async function genuine(me: KeyPair) {
  const [near, far] = wire()
  const heard = { near: listened(near), far: listened(far) }
  const other = makeKeyPair()
  const [channel, peer] = await Promise.all([
    openChannel(near, { me, role: 'responder', purpose, limits }),
    openChannel(far, { me: other, role: 'initiator', purpose, limits }),
  ])
  return {
    channel,
    peer,
    near: { stream: near, bytes: heard.near },
    far: { stream: far, bytes: heard.far },
  }
}

function listened(stream: Duplex): Buffer[] {
  const bytes: Buffer[] = []
  const write = stream.write.bind(stream)
  // What one end writes the other one hears.
  stream.write = ((chunk: Buffer, ...rest: never[]) => {
    bytes.push(Buffer.from(chunk))
    return write(chunk, ...rest)
  }) as typeof stream.write
  return bytes
}

/** Bytes from somebody who proves nothing: no channel is ever opened. */
async function meetStranger(me: KeyPair, input: Buffer, random: Random): Promise<string> {
  const [near, far] = wire()
  const role: Role = random() < 0.7 ? 'responder' : 'initiator'
  far.on('error', () => undefined).resume()
  const opening = openChannel(near, { me, role, purpose, limits })
  for (const piece of piecesOf(input, random)) far.write(piece)
  far.end()
  try {
    await opening
  } catch (error) {
    if (isAppError(error)) return error.reason
    throw error
  }
  throw new Error('a stranger has opened a channel')
}

/** Bytes put into a genuine channel: it says nothing that its peer has not said, and ends. */
async function breakIn(me: KeyPair, input: Buffer, random: Random): Promise<string> {
  const { channel, peer, far } = await genuine(me)
  const heard = messagesOf(channel)
  peer.onMessage(() => undefined)
  peer.send(Buffer.from('genuine'))
  for (const piece of piecesOf(input, random)) far.stream.write(piece)
  far.stream.end()
  const why = await channel.ended
  await peer.close()
  if (heard.some((message) => message !== 'genuine')) throw new Error('a forged message was heard')
  return `after the handshake: ${why?.reason ?? 'closed'}`
}

function messagesOf(channel: Channel): string[] {
  const heard: string[] = []
  channel.onMessage((message) => heard.push(Buffer.from(message).toString()))
  return heard
}
