import { digestBytes } from '@parley/blob-store'
import { fileServerRoutes } from '../../apps/file-server/src/routes.ts'
import { routesOf } from '../../apps/img-server/src/routes/routes.ts'
import { Tus } from '../harness/tus.ts'
import { bytesOf } from './bytes-of.ts'
import { bearersOf } from './bearers.ts'
import type { Bearer, Objects, Service } from './bearers.ts'
import { askHttp } from './http-answer.ts'
import type { Stage } from './stage.ts'

/** The names of all routes that a server has, as its own router knows them. */
export function routesOfService(service: Service): string[] {
  // Routes are only listed here: nothing of the context is touched before one is taken.
  const blank = { store: {}, limits: {} } as never
  const routes = service === 'files' ? fileServerRoutes(blank) : routesOf(blank, {} as never)
  return routes.map(({ method, path }) => `${method} ${path}`)
}

/** One server with everything that it is asked about. */
export interface HttpScene {
  readonly root: string
  readonly bearers: readonly Bearer[]
  /** What one may ask to read, by name; tickets are for the first two. */
  readonly readable: Readonly<Record<string, string>>
  /** Uploads of the owner, by name. */
  readonly uploads: Readonly<Record<string, string>>
  /** A strong validator that only who may read it is told of. */
  readonly etagOf: (id: string, variant: string) => Promise<string>
  readonly digest: string
}

/** Makes the scene of one server. */
export async function openHttpScene(stage: Stage, service: Service): Promise<HttpScene> {
  const root = stage.roots[service]
  const objects = await objectsOf(stage, service)
  const { accessToken } = stage.cast.owner.login()
  const uploads = await uploadsOf(new Tus(root, accessToken), objects)
  const bearers = await bearersOf(stage, service, objects)
  const etagOf = async (id: string, variant: string) => {
    // What is not there is asked for as if it were what is shared.
    const of = id === objects.otherId ? id : objects.sharedId
    const token = await bearers.find(({ ofId }) => ofId === of)?.token()
    const url = `${root}/${service}/${of}${variant}`
    const { headers } = await askHttp({ method: 'HEAD', url, token })
    return headers['etag'] ?? '"none"'
  }
  return {
    root,
    uploads,
    etagOf,
    bearers,
    readable: {
      shared: objects.sharedId,
      another: objects.otherId,
      'an unfinished upload': uploads['an unfinished upload'],
    },
    digest: digestBytes(stage.bytes),
  }
}

async function objectsOf(stage: Stage, service: Service): Promise<Objects> {
  const { cast, closed } = stage
  const { attachments } = cast.member.calls
  const { ticket, url } =
    service === 'files'
      ? await attachments.createTicket({ conversationId: closed.id, seq: closed.earlySeq })
      : await attachments.createPictureTicket({
          of: { $case: 'userId', value: bytesOf(cast.owner) },
        })
  const sharedId = new URL(url).pathname.split('/')[2] ?? ''
  return { sharedId, ticket, otherId: stage[service][1].id }
}

async function uploadsOf(tus: Tus, { otherId }: Objects) {
  const begin = async () => (await tus.create(9)).headers.get('location')?.split('/').at(-1) ?? ''
  const removed = await begin()
  await tus.request('DELETE', `/uploads/${removed}`)
  return {
    'an unfinished upload': await begin(),
    'a removed upload': removed,
    'no upload': otherId,
  }
}
