import { chat, common, events, files, images, presence } from '@parley/proto'
import type { Method } from './grpc-door.ts'

/** A method of the wire contract. */
export interface Described {
  /** For example `Groups.get`. */
  readonly key: string
  readonly service: string
  readonly method: Method
  readonly isMutating: boolean
}

// As libs/grpc-kit writes it by hand: it has no descriptor here.
const health = { HealthService: { check: bytesOnly('/grpc.health.v1.Health/Check') } }

/** Every method that any service of this system can be asked, by the generated descriptors. */
export const described: readonly Described[] = [
  chat,
  common,
  events,
  files,
  images,
  presence,
  health,
].flatMap(methodsOf)

function methodsOf(namespace: object): Described[] {
  return Object.entries(namespace)
    .filter(([name, value]) => name.endsWith('Service') && isService(value))
    .flatMap(([name, service]) => describe(name.slice(0, -'Service'.length), service as Service))
}

type Service = Readonly<Record<string, Method>>

function isService(value: unknown): value is Service {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((method) => typeof (method as Partial<Method>).path === 'string')
  )
}

function describe(service: string, methods: Service): Described[] {
  return Object.entries(methods).map(([name, method]) => ({
    key: `${service}.${name}`,
    service,
    method,
    isMutating: 'requestId' in method.requestDeserialize(Buffer.alloc(0)),
  }))
}

function bytesOnly(path: string): Method {
  return { path, requestSerialize: () => Buffer.alloc(0), requestDeserialize: () => ({}) }
}
