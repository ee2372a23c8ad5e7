import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { CloseStack, createLogger, delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { logEvents } from '../../../apps/presence/src/events.ts'
import type { NameBook } from '../../../apps/presence/src/rendezvous/name-book.ts'
import { openRendezvous } from '../../../apps/presence/src/rendezvous/open-rendezvous.ts'
import type { Opened, Target } from '../target.ts'
import { throwAt } from '../throw-at.ts'
import { datagramSessions, lineSessions, rendezvousWords } from './rendezvous.ts'

/** One name is registered. */
const names: NameBook = {
  check: ({ name, password }) =>
    Promise.resolve(name !== 'ann' ? 'free' : password === 'secret' ? 'confirmed' : 'taken'),
}
/** Time goes faster, so that rates let everything in. */
const betweenInputsMs = 5_000
const acceptedWithinMs = 250

/** A real rendezvous: datagrams and connections of whoever comes. */
export const rendezvousDoor: Target = {
  name: 'both ports of a rendezvous',
  weight: 3,
  maxGrowthBytes: 16 * 2 ** 20,
  async open(): Promise<Opened> {
    let skewMs = 0
    const monotonic = () => systemScheduler.monotonic() + skewMs
    const closers = new CloseStack()
    const address = await openRendezvous(
      {
        host: '127.0.0.1',
        port: 0,
        allowPlaintext: true,
        where: true,
        names,
        scheduler: { ...systemScheduler, monotonic },
        events: logEvents(createLogger('presence', 'silent')),
      },
      closers,
    )
    const port = Number(address.split(':')[1])
    const socket = await openSocket()
    let [sentBytes, gotBytes] = [0, 0]
    socket.on('message', (message) => (gotBytes += message.length))
    const say = async (bytes: Buffer) => {
      skewMs += betweenInputsMs
      sentBytes += bytes.length
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve))
    }
    const logIn = async (name: string) => {
      const accepted = new Promise<void>((resolve) => socket.once('message', () => resolve()))
      await say(Buffer.from(`login,${name},127.0.0.1:${socket.address().port}`))
      // Datagrams get lost.
      await Promise.race([accepted, delay(systemScheduler, acceptedWithinMs)])
    }
    return {
      sessions: [...datagramSessions, ...lineSessions],
      words: rendezvousWords,
      async try(input, random) {
        if (random() < 0.5) {
          await say(input)
          return 'a datagram'
        }
        await logIn('bob')
        const { answer, endedFirst } = await throwAt(port, input, random)
        return `${kindOf(answer)}${endedFirst ? ', ended by the server' : ''}`
      },
      async isSound() {
        if (gotBytes > sentBytes) throw new Error(`${sentBytes} bytes have made ${gotBytes}`)
        // Logins of datagrams alone have their turns first.
        await eventually(async () => {
          await logIn('carol')
          const { answer } = await throwAt(port, Buffer.from('x\n'), () => 0)
          if (/^carol,[\d.:]+;end/.test(answer.toString())) return
          throw new Error(`carol is not alone there: ${answer.toString()}`)
        })
      },
      async close() {
        socket.close()
        await closers.close()
      },
    }
  },
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

function kindOf(answer: Buffer): string {
  const text = answer.toString()
  if (text.startsWith('Refused,')) return 'refused'
  return text.includes(';end') ? 'let in' : 'nothing'
}
