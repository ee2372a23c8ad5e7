import { randomBytes } from 'node:crypto'
import type { World } from '../harness/world.ts'
import { openGrpcDoor, reasonOf } from './grpc-door.ts'

interface MethodOf<Req, Res> {
  readonly path: string
  readonly requestSerialize: (request: Req) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Req
  readonly responseDeserialize: (bytes: Buffer) => Res
}

/** Bytes of a request; fields left out are empty, a request id is made. */
export function requestOf<Req extends object>(
  method: Pick<MethodOf<Req, unknown>, 'requestSerialize' | 'requestDeserialize'>,
  given: Partial<Req>,
): Buffer {
  const blank = method.requestDeserialize(Buffer.alloc(0))
  const id = 'requestId' in blank ? { requestId: randomBytes(16) } : {}
  return method.requestSerialize({ ...blank, ...id, ...given })
}

/** Asks the relay something as its operator; throws unless it succeeds. */
export async function operatorCall<Req extends object, Res>(
  { cluster }: World,
  operatorKey: string,
  method: MethodOf<Req, Res>,
  request: Partial<Req>,
): Promise<Res> {
  const door = openGrpcDoor(cluster.addresses('relay')['internal'] ?? '')
  const credential = { 'parley-operator-key': operatorKey }
  try {
    const answer = await door.ask(method.path, requestOf(method, request), credential)
    const [message] = answer.messages
    if (message === undefined) throw new Error(`${method.path}: ${reasonOf(answer)}`)
    return method.responseDeserialize(Buffer.from(message, 'hex'))
  } finally {
    door.close()
  }
}
