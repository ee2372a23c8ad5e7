import { connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { ConnectionsPerPeer, KeyedRate } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Endpoint } from './peers.ts'

const maxConnections = 64
const maxConnectionsPerAddress = 8
const callsPerAddress = { perSecond: 5, burst: 20 }
const maxAddresses = 1_000
const dialLimitMs = 3_000

/** Says who may connect: of one address eight at a time, and five in a second once there were 20. */
export function admission(scheduler: Scheduler): (socket: Socket) => boolean {
  const open = new ConnectionsPerPeer(maxConnectionsPerAddress)
  const rate = new KeyedRate<string>(callsPerAddress, maxAddresses)
  return (socket) => {
    const waitMs = rate.take(socket.remoteAddress ?? '', scheduler.monotonic())
    return waitMs === 0 && open.admit(socket)
  }
}

/** Lets at most 64 connect at this address of the machine; answers the port. */
export function listening(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.maxConnections = maxConnections
    server.listen(0, host, () => {
      server.off('error', reject).on('error', () => undefined)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Connects within 3 s, or rejects. */
export function dial({ address, port }: Endpoint, scheduler: Scheduler): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true })
    const timer = scheduler.setTimer(dialLimitMs, () => {
      socket.destroy(new Error(`no answer within ${dialLimitMs} ms`))
    })
    const failed = (error: Error) => {
      timer.cancel()
      reject(error)
    }
    socket.once('error', failed).once('connect', () => {
      timer.cancel()
      // The channel listens from the next line on.
      socket.off('error', failed).on('error', () => undefined)
      resolve(socket)
    })
  })
}
