import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { onTestFinished } from 'vitest'
import { Room } from '../direct/room.ts'
import { idText } from '../ids.ts'
import { scaledScheduler } from './scaled-scheduler.ts'

/** A device with a room, and what its application was told. */
export interface RoomHere {
  readonly room: Room
  readonly deviceId: Buffer
  /** Texts, each after the name of who has said it. */
  readonly heard: string[]
  /** `open` and `closed`, with the reason. */
  readonly moves: string[]
  /** What the device has said to the server. */
  readonly said: chat.Direct[]
  /** What the device gives of its files, by their ids. */
  readonly files: Map<string, Buffer>
  /** The port at which the device listens. */
  port: number
}

const { OFFER, WITHDRAW } = chat.DirectStep

/** Rooms of one conversation, and a server between them that hands on what devices say as the relay does. */
export class DirectRooms {
  readonly conversationId = Buffer.from(uuidv7(systemScheduler))
  /** As fast as the clock unless told: a faster one takes a busy machine for a path that is silent. */
  readonly scheduler: Scheduler
  /** So many words the server passes over, as it does before it knows a conversation. */
  deafTo = 0
  readonly #here = new Map<string, { readonly name: string; readonly side: RoomHere }>()
  readonly #offering = new Set<string>()

  constructor(factor = 1) {
    this.scheduler = scaledScheduler(factor)
  }

  /** A device of somebody, which listens behind `way` if there is one. */
  add(name: string, way?: (port: number) => number, udp = false): RoomHere {
    const deviceId = Buffer.from(uuidv7(systemScheduler))
    const said: chat.Direct[] = []
    const heard: string[] = []
    const moves: string[] = []
    const files = new Map<string, Buffer>()
    const room = new Room({
      conversationId: this.conversationId,
      deviceId,
      host: '127.0.0.1',
      addresses: (port) => {
        side.port = port
        return [{ host: '127.0.0.1', port: way?.(port) ?? port }]
      },
      udp,
      rendezvous: () => '',
      scheduler: this.scheduler,
      push: (command) => {
        if (command.$case !== 'direct') return
        said.push(command.value)
        this.#handOn(name, deviceId, command.value)
      },
      text: ({ userName }, { text }) => heard.push(`${userName}: ${text?.text}`),
      read: async ({ fileId, offset, size }) =>
        files.get(fileId)?.subarray(offset, offset + size) ?? Buffer.alloc(0),
      path: (_from, state, reason) => moves.push(`${state} ${reason}`.trim()),
    })
    const side: RoomHere = { room, deviceId, heard, moves, said, files, port: 0 }
    this.#here.set(idText(deviceId), { name, side })
    onTestFinished(() => room.close())
    return side
  }

  /** What the server would say for a device. */
  signal(name: string, deviceId: Buffer, direct: chat.Direct): chat.DirectSignal {
    const { step, publicKey, candidates, conversationId } = direct
    const userId = Buffer.alloc(16, name)
    const from = { userId, userName: name, deviceId }
    return { conversationId, ...from, step, publicKey, candidates, sentAtMs: 0 }
  }

  #handOn(name: string, deviceId: Buffer, direct: chat.Direct): void {
    if (this.deafTo > 0) return void (this.deafTo -= 1)
    const id = idText(deviceId)
    if (direct.step === OFFER) this.#offering.add(id)
    if (direct.step === WITHDRAW) this.#offering.delete(id)
    const to = idText(direct.deviceId)
    for (const [other, { name: whose, side }] of this.#here) {
      const isMeant = to === '' || to === other
      if (whose === name || !isMeant || !this.#offering.has(other)) continue
      systemScheduler.soon(() => side.room.hear(this.signal(name, deviceId, direct)))
    }
  }
}

/** A way to a port that can be cut, or fall silent without an end. */
export async function cuttableWay() {
  const sockets = new Set<Socket>()
  let isSilent = false
  let isShut = false
  let target = 0
  const server = createServer((near) => {
    if (isShut) return void near.destroy()
    const far = connect(target, '127.0.0.1')
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    near.on('data', (bytes) => void (isSilent || far.write(bytes)))
    far.on('data', (bytes) => void (isSilent || near.write(bytes)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  onTestFinished(() => {
    server.close()
    cut()
  })
  const { port } = server.address() as AddressInfo
  return {
    lead: (to: number) => {
      target = to
      return port
    },
    cut,
    silence: (silent: boolean) => void (isSilent = silent),
    shut: (shut: boolean) => void (isShut = shut),
  }
}

/** A text as it goes along a path. */
export function directText(words: string): chat.DirectText {
  const clientMessageId = Buffer.from(uuidv7(systemScheduler))
  return { clientMessageId, text: { text: words }, replyToSeq: 0 }
}
