import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { systemScheduler, within } from '@parley/service-kit'
import { piecesOf } from './input.ts'
import type { Random } from './input.ts'

/** Much longer than any limit of a connection that has been left. */
const closedWithinMs = 90_000
const maxKeptBytes = 4 * 1024

/** What a server said on a connection, and whether it had ended it before the client did. */
export interface Thrown {
  readonly answer: Buffer
  readonly endedFirst: boolean
}

/**
 * Opens a connection, sends this in pieces and no more; resolves when the server has closed it, and
 * throws when it does not.
 */
export function throwAt(port: number, input: Buffer, random: Random): Promise<Thrown> {
  return throwInto(
    connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true }),
    input,
    random,
  )
}

/** The same over a connection that is being made. */
export async function throwInto(socket: Socket, input: Buffer, random: Random): Promise<Thrown> {
  const answer: Buffer[] = []
  let [bytes, endedFirst] = [0, false]
  // A server that resets has closed, too.
  socket.on('error', () => socket.destroy())
  socket.on('data', (part: Buffer) => {
    if (bytes < maxKeptBytes) answer.push(part)
    bytes += part.length
  })
  socket.once('end', () => {
    endedFirst = !socket.writableEnded
    socket.end()
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const piece of piecesOf(input, random)) {
    if (!socket.writable) break
    socket.write(piece)
    for (let turns = Math.floor(random() * 3); turns > 0; turns -= 1) await turn()
  }
  socket.end()
  await within(systemScheduler, closedWithinMs, 'closing', closed)
  return { answer: Buffer.concat(answer), endedFirst }
}
