import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { bareSocket } from '../../testing/bare-socket.ts'
import { doorWorld } from '../../testing/door-world.ts'

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const settings = frame(4, 0, 0)
/** `:method POST`, `:scheme http`, `:path /`, `:authority x`. */
const head = [0x83, 0x86, 0x84, 0x41, 1, 0x78]
const typeOfGrpc = [0x0f, 0x10, 16, ...Buffer.from('application/grpc')]
const data = frame(0, 0, 1, 0, 0, 0, 0, 0)
const tooLong = Buffer.from('ffffff000000000001', 'hex')

/** A frame of HTTP/2: RFC 9113, section 4.1. */
function frame(type: number, flags: number, stream: number, ...body: number[]): Buffer {
  return Buffer.from([0, 0, body.length, type, flags, 0, 0, 0, stream, ...body])
}

// What is thrown then is caught by nobody: it would end the relay, and fails this run of vitest.
test.each([
  { note: 'of another type', fields: head },
  { note: 'of a method that is not there', fields: [...head, ...typeOfGrpc] },
])(
  'a request $note, in a connection that breaks at the same moment, costs nobody else anything',
  async ({ fields }) => {
    const world = await doorWorld()
    const ann = await world.register('ann')
    const request = frame(1, 4, 1, ...fields)
    for (const then of [tooLong, Buffer.concat([data, tooLong])]) {
      for (let i = 0; i < 20; i += 1) {
        const { socket, got } = bareSocket(world.door.address)
        socket.write(Buffer.concat([preface, settings, request, then]))
        await eventually(() => got.closed)
      }
    }
    const device = world.connect(ann)
    await eventually(() => device.of('caughtUp').length === 1)
    expect(device.ending).toBeUndefined()
  },
)
