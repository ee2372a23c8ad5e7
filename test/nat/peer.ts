// A client of direct paths in a process of its own, for networks of their own: it says where it may be reached,
// is told where the other may be, opens a path and says what became of it, each as a line of JSON.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { askWhere, keyPairOf, openPath } from '@parley/direct'
import type { DatagramPath, Endpoint } from '@parley/direct'
import { isAppError } from '@parley/errors'

/** What a peer is given. */
export interface PeerTask {
  readonly role: 'initiator' | 'responder'
  /** Hexadecimal. */
  readonly secret: string
  readonly expect: string
  readonly session: string
  readonly own: string
  readonly rendezvous: Endpoint
  /** How long it looks for a way. */
  readonly openMs: number
}

const task = JSON.parse(process.argv[2] ?? '') as PeerTask
const bytes = (hex: string) => Buffer.from(hex, 'hex')
const say = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`)

const socket = createSocket('udp4')
socket.bind(0, task.own)
await once(socket, 'listening')
let outside: Endpoint | undefined
while (outside === undefined) outside = await askWhere(socket, task.rendezvous)
const here = { address: task.own, port: socket.address().port }
say({ here: [here, outside] })

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const told = await lines.next()
const candidates = JSON.parse(String(told.value)) as Endpoint[]

try {
  const { role, secret, expect, session } = task
  const path = await openPath({
    socket,
    candidates,
    role,
    me: keyPairOf(bytes(secret)),
    expect: bytes(expect),
    session: bytes(session),
    purpose: 'test',
    limits: { openMs: task.openMs, silentMs: 60_000 },
  })
  path.onMessage((message) => say({ heard: Buffer.from(message).toString() }))
  say({ opened: path.remote })
  await talk(path)
} catch (error) {
  say({ failed: isAppError(error) ? error.reason : String(error) })
}
// Nothing more is read: the process ends with its socket.
process.stdin.destroy()
socket.close()

/** Says each further line to the other side, until there is none. */
async function talk(path: DatagramPath): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done === true) {
      path.close()
      await path.ended
      return
    }
    path.send(Buffer.from(String(value)))
  }
}
