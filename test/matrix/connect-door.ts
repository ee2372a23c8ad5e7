import type { Answer, Door } from './grpc-door.ts'

/** The codes of the Connect protocol (connectrpc.com/docs/protocol) in the order of gRPC's numbers. */
const codes = [
  'ok',
  'canceled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
]

/** What is told of the connection, not of the call. */
const ofConnection = ['connection', 'date', 'keep-alive', 'content-length']

/** The same methods over HTTP, spoken to in bytes; answers are put as gRPC would. */
export function openConnectDoor(address: string): Door {
  return {
    async ask(path, bytes, credential = {}) {
      const answer = await fetch(`http://${address}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/proto', ...credential },
        body: bytes,
      })
      const body = Buffer.from(await answer.arrayBuffer())
      const told = Object.fromEntries(answer.headers)
      for (const name of ofConnection) delete told[name]
      return answer.ok ? { ...success(body), headers: told } : failure(answer.status, told, body)
    },
    close: () => undefined,
  }
}

function success(body: Buffer) {
  return { code: 0, details: '', trailers: {}, messages: [body.toString('hex')] }
}

function failure(status: number, headers: Record<string, string>, body: Buffer): Answer {
  const isJson = headers['content-type'] === 'application/json'
  // The spec has clients take "not found" in words for a method that is not there.
  const { code, message } = isJson
    ? (JSON.parse(body.toString()) as { code: string; message: string })
    : { code: status === 404 ? 'unimplemented' : 'unknown', message: body.toString() }
  const reason = headers['parley-reason']
  // gRPC does have this method.
  const isThere = reason !== undefined && reason !== 'STREAM_ONLY'
  const trailers = isThere ? { 'parley-reason': reason } : {}
  return { code: codes.indexOf(code), details: message, headers, trailers, messages: [] }
}
