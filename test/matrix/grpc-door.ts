import { Client, Metadata, credentials } from '@grpc/grpc-js'
import type { ServiceError, StatusObject } from '@grpc/grpc-js'

/** A method as the descriptors know it. */
export interface Method {
  readonly path: string
  readonly requestSerialize: (request: object) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => object
}

/** Everything that a caller is told: what one can compare byte for byte. */
export interface Answer {
  readonly code: number
  readonly details: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly trailers: Readonly<Record<string, unknown>>
  /** In hex. */
  readonly messages: readonly string[]
}

/** What one presents: metadata by name. */
export type Credential = Readonly<Record<string, string>>

/** A door that methods can be called at, spoken to in bytes. */
export interface Door {
  /** Sends one message and ends; resolves with the whole answer, whatever it is. */
  ask(path: string, bytes: Buffer, credential?: Credential): Promise<Answer>
  close(): void
}

/** A gRPC door. */
export interface GrpcDoor extends Door {
  /** The same as `ask` of a stream that only the server ends. */
  listen(path: string, bytes: Buffer, credential?: Credential): Promise<Answer>
}

interface Question {
  readonly path: string
  readonly bytes: Buffer
  readonly credential: Credential
  readonly ends: boolean
}

const deadlineMs = 30_000
const same = (bytes: Buffer) => bytes

/** A server ends a connection that resets streams by the thousand, as a call that is refused does. */
const callsPerConnection = 200
const options = { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1 }

/** Opens the door at `host:port`. */
export function openGrpcDoor(address: string): GrpcDoor {
  const clients: Client[] = []
  let calls = 0
  const next = () => {
    if (calls % callsPerConnection === 0) {
      clients.unshift(new Client(address, credentials.createInsecure(), options))
    }
    calls += 1
    return clients[0]!
  }
  return {
    ask: (path, bytes, credential = {}) => ask(next(), { path, bytes, credential, ends: true }),
    listen: (path, bytes, credential = {}) => ask(next(), { path, bytes, credential, ends: false }),
    close: () => clients.forEach((client) => client.close()),
  }
}

// On the wire a call with one request is a stream with one message: so all kinds are asked alike.
function ask(client: Client, { path, bytes, credential, ends }: Question) {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(credential)) metadata.set(name, value)
  const deadline = Date.now() + deadlineMs
  const call = client.makeBidiStreamRequest(path, same, same, metadata, { deadline })
  return new Promise<Answer>((resolve) => {
    let headers = {}
    const messages: string[] = []
    call.on('metadata', (told: Metadata) => (headers = withoutDate(told)))
    call.on('data', (message: Buffer) => void messages.push(message.toString('hex')))
    // Told again as the status.
    call.on('error', (_error: ServiceError) => undefined)
    call.on('status', ({ code, details, metadata: trailers }: StatusObject) => {
      resolve({ code, details, headers, trailers: withoutDate(trailers), messages })
    })
    call.write(bytes)
    if (ends) call.end()
  })
}

function withoutDate(metadata: Metadata): Record<string, unknown> {
  const { date: _date, ...rest } = metadata.getMap()
  return rest
}

/** The stable reason of a refusal, or `OK`. */
export function reasonOf({ code, trailers }: Answer): string {
  if (code === 0) return 'OK'
  const reason = trailers['parley-reason']
  return typeof reason === 'string' ? reason : `GRPC_${code}`
}
