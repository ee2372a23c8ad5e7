import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { eventually } from '@parley/testkit'
import { onTestFinished } from 'vitest'

/** What a client of the seed is told before it begins. */
export interface SeedClientOptions {
  readonly name: string
  /** The server's port, at 127.0.0.1. */
  readonly port: number
  /** The address of this client, of the network 127.0.0.0/8. */
  readonly address?: string
  /** Said in a line as soon as the connection stands. */
  readonly password?: string
}

/**
 * A client as somebody writes it who has read the seed's text and nothing else: plain sockets, no code
 * of ours. It asks by an anonymous datagram socket and listens for peers at an endpoint of its own.
 */
export async function seedClient(options: SeedClientOptions) {
  const { name, port, address = '127.0.0.1', password } = options
  const asking = await datagramSocket(address)
  const own = await datagramSocket(address)
  const endpoint = `${address}:${own.address().port}`
  const users = new Map<string, string>()
  const heard: string[] = []
  own.on('message', (bytes) => {
    const text = bytes.toString()
    heard.push(text)
    const [word = '', user = '', where = ''] = text.split(',')
    if (word === 'login') users.set(user, where)
    if (word === 'logout') users.delete(user)
  })
  asking.send(`login,${name},${endpoint}`, port, '127.0.0.1')
  const [answer] = (await once(asking, 'message')) as [Buffer]
  const [accept, servicePort] = answer.toString().split(',')
  if (accept !== 'Accept') throw new Error(`not accepted: ${answer.toString()}`)
  const stream = await tcp(Number(servicePort), { address })
  if (password !== undefined) {
    stream.socket.write(`login,${name},${endpoint},${password}\n`)
  }
  await eventually(() => stream.text.endsWith('end') || stream.isClosed, { timeoutMs: 30_000 })
  const list = stream.text
  for (const entry of list.split(';').slice(0, -1)) {
    const [user = '', where = ''] = entry.split(',')
    users.set(user, where)
  }
  return {
    name,
    endpoint,
    users,
    /** Everything that came by datagram to the own endpoint: announcements, and what peers say. */
    heard,
    list,
    stream,
    /** Says something to another user directly. */
    say(to: string, text: string) {
      const [host = '', where = ''] = (users.get(to) ?? '').split(':')
      own.send(text, Number(where), host)
    },
    /** Says by datagram that it leaves, from where it asked. */
    leave: () => asking.send(`logout,${name},${endpoint}`, port, '127.0.0.1'),
    close: () => void stream.socket.destroy(),
  }
}

/** A connection from this address, and what has come over it. */
export async function tcp(
  port: number,
  { address = '127.0.0.1', host = '127.0.0.1', allowHalfOpen = false } = {},
) {
  const socket: Socket = connect({ port, host, localAddress: address, allowHalfOpen })
  onTestFinished(() => void socket.destroy())
  const stream = { socket, text: '', isClosed: false }
  socket.on('data', (chunk: Buffer) => void (stream.text += chunk.toString()))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => (stream.isClosed = true))
  await eventually(() => !socket.connecting)
  return stream
}

/** A datagram socket at this address, on any port. */
export async function datagramSocket(address: string) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return socket
}
