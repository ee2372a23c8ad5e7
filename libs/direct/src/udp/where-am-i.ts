import { randomBytes } from 'node:crypto'
import type { RemoteInfo, Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Endpoint } from './meeting.ts'
import { sendDatagram } from './send-datagram.ts'

/** How long the answer may take, and after how long without one it is asked again. */
const limits = { answerMs: 1_000, againMs: 200 }
/** An answer is never longer than its question: this one takes any address. */
const questionBytes = 96
const shape = /^here,([\da-f]{32}),(?:\[([\da-f:.]+)\]|([\d.]+)):(\d{1,5})$/i

/**
 * Asks the rendezvous at `server` at which address others see the datagrams of this bound socket, as behind a NAT
 * nobody knows by itself; undefined when there is no answer in a second.
 */
export function askWhere(
  socket: Socket,
  server: Endpoint,
  scheduler: Scheduler = systemScheduler,
): Promise<Endpoint | undefined> {
  const nonce = randomBytes(16).toString('hex')
  const question = Buffer.from(`where,${nonce},`.padEnd(questionBytes, 'x'))
  const ask = () => sendDatagram(socket, question, server)
  return new Promise((resolve) => {
    const done = (found: Endpoint | undefined) => {
      again.cancel()
      late.cancel()
      socket.off('message', hear).off('close', gone)
      resolve(found)
    }
    const hear = (bytes: Buffer, from: RemoteInfo) => {
      const isServer = from.port === server.port && from.address === server.address
      const found = isServer ? endpointIn(bytes, nonce) : undefined
      if (found !== undefined) done(found)
    }
    const again = scheduler.every(limits.againMs, ask)
    const late = scheduler.setTimer(limits.answerMs, () => done(undefined))
    const gone = () => done(undefined)
    socket.on('message', hear).on('close', gone)
    ask()
  })
}

function endpointIn(bytes: Buffer, nonce: string): Endpoint | undefined {
  const [, told, six, four, digits] = shape.exec(bytes.toString('latin1')) ?? []
  const [address, port] = [six ?? four ?? '', Number(digits)]
  const isOne = told === nonce && isIP(address) !== 0 && port >= 1 && port <= 65_535
  return isOne ? { address, port } : undefined
}
