import { beforeAll, describe, expect, test } from 'vitest'
import { neverId } from './bearers.ts'
import type { Bearer, Service } from './bearers.ts'
import { askHttp } from './http-answer.ts'
import type { HttpAnswer } from './http-answer.ts'
import { openRoutes, routeKinds, waysToRead, waysToUpload } from './http-rows.ts'
import type { Way } from './http-rows.ts'
import { openHttpScene, routesOfService } from './http-scene.ts'
import type { HttpScene } from './http-scene.ts'
import type { Stage } from './stage.ts'
import { tally } from './tally.ts'

/** Every route of the file and the image server by everybody about everything. */
export function httpMatrix(get: () => Stage): void {
  const services = ['files', 'images'] as const
  const variants = { files: [''], images: ['/thumb', '/preview', '/full', '/original'] }
  const count = tally('HTTP routes by bearers by objects')
  let stage: Stage
  let scenes: Readonly<Record<Service, HttpScene>>

  beforeAll(async () => {
    stage = get()
    const [files, images] = [
      await openHttpScene(stage, 'files'),
      await openHttpScene(stage, 'images'),
    ]
    scenes = { files, images }
  })

  const routes = services.flatMap((service) =>
    routesOfService(service).map((route) => ({ service, route })),
  )
  const ofKind = (kind: string) => routes.filter(({ route }) => routeKinds[route] === kind)
  // Last what takes the owner's upload away.
  const uploading = ofKind('upload').toSorted(
    (one, other) =>
      Number(one.route.startsWith('DELETE')) - Number(other.route.startsWith('DELETE')),
  )

  test('every route has a row', () => {
    const without = routes.filter(({ route }) => !(route in routeKinds) && !(route in openRoutes))
    expect(without).toEqual([])
    expect(routes.length).toBeGreaterThan(20)
  })

  // What never was is asked for once in each way.
  const nevers = new Map<string, Promise<HttpAnswer>>()
  const keep = (key: string, answer: Promise<HttpAnswer>) => {
    nevers.set(key, answer)
    return answer
  }

  /** Asks for an object, and the same way for what never was; the status alone when they differ. */
  async function told(
    root: string,
    route: string,
    bearer: Bearer,
    id: string,
    rest: string,
    way: Way,
  ) {
    const [method = '', pattern = ''] = route.split(' ')
    const base = pattern.split('/')[1] ?? ''
    const ask = async (of: string) => {
      const url = `${root}/${base}/${of}${rest}`
      const token = await bearer.token()
      return askHttp({ method, url, token, headers: way.headers, body: way.body })
    }
    count.cell()
    const there = await ask(id)
    const key = [root, route, bearer.name, rest, way.name].join(' ')
    const never = await (nevers.get(key) ?? keep(key, ask(neverId)))
    const isSame = JSON.stringify(there) === JSON.stringify(never)
    return isSame ? `${there.status} as if never` : String(there.status)
  }

  describe('reading', () => {
    test.each(ofKind('read'))('$route of $service', async ({ service, route }) => {
      const { root, bearers, readable, etagOf } = scenes[service]
      const wrong: string[] = []
      for (const variant of variants[service]) {
        for (const [name, id] of Object.entries(readable)) {
          const ways = waysOf(variant, await etagOf(id, variant))
          for (const bearer of bearers) {
            const cells = ways.map(async (way) => {
              const got = await told(root, route, bearer, id, variant, way)
              const wanted = mayRead(bearer, id, variant, statusOf(route, way))
              if (got === wanted) return
              wrong.push(`${bearer.name} x ${name}${variant} x ${way.name}: ${got}, not ${wanted}`)
            })
            await Promise.all(cells)
          }
        }
      }
      expect(wrong).toEqual([])
    })
  })

  // In all ways one variant, and the others as they are, in another type and in part.
  function waysOf(variant: string, etag: string): readonly Way[] {
    const isWhole = variant === '' || variant === '/full'
    return isWhole ? waysToRead(etag) : waysToRead(etag).slice(0, 3)
  }

  // RFC 9110, 14.2: a range means something to GET only.
  function statusOf(route: string, { headers, status }: Way): number {
    return route.startsWith('HEAD') && 'Range' in headers ? 200 : status
  }

  function mayRead({ kind, ofId }: Bearer, id: string, variant: string, status: number): string {
    if (kind !== 'ticket') return '401 as if never'
    return ofId === id && variant !== '/original' ? String(status) : '404 as if never'
  }

  describe('uploading', () => {
    test.each(uploading)('$route of $service', async ({ service, route }) => {
      const { root, bearers, uploads } = scenes[service]
      const wrong: string[] = []
      for (const bearer of bearers) {
        for (const [name, id] of Object.entries(uploads)) {
          const isOwn = bearer.name === 'the owner' && name === 'an unfinished upload'
          // Everything else would change the upload that the next row looks at.
          for (const way of isOwn ? waysToUpload.slice(0, 1) : waysToUpload) {
            const got = await told(root, route, bearer, id, '', way)
            const wanted = isOwn ? ownStatus(route) : refusedUpload(bearer)
            if (!wanted.test(got)) wrong.push(`${bearer.name} x ${name} x ${way.name}: ${got}`)
          }
        }
      }
      expect(wrong).toEqual([])
    })

    test.each(ofKind('begin'))('$route of $service', async ({ service }) => {
      const { root, bearers } = scenes[service]
      for (const { kind, token, name } of bearers) {
        count.cell()
        const headers = { 'Upload-Length': '9' }
        const url = `${root}/uploads`
        const { status } = await askHttp({ method: 'POST', url, token: await token(), headers })
        expect([name, status]).toEqual([name, kind === 'access' ? 201 : 401])
      }
    })
  })

  function ownStatus(route: string): RegExp {
    return route.startsWith('GET') || route.startsWith('HEAD') ? /^200$/ : /^204$/
  }

  function refusedUpload({ kind }: Bearer): RegExp {
    return kind === 'access' ? /^404 as if never$/ : /^401 as if never$/
  }

  describe('proving possession', () => {
    const json = { 'Content-Type': 'application/json' }

    test.each(ofKind('ask'))('$route of $service tells nothing of what is there', async () => {
      const { root, bearers, digest } = scenes.files
      for (const { kind, token, name } of bearers) {
        const ask = async (of: string) => {
          count.cell()
          const body = JSON.stringify({ digest: of, sizeBytes: 5_000 })
          const url = `${root}/possessions`
          const answer = await askHttp({
            method: 'POST',
            url,
            token: await token(),
            headers: json,
            body,
          })
          return { ...answer, body: masked(answer.body), headers: withoutLength(answer.headers) }
        }
        const there = await ask(digest)
        expect([name, there.status]).toEqual([name, kind === 'access' ? 201 : 401])
        expect(there).toEqual(await ask('0'.repeat(64)))
      }
    })

    test.each(ofKind('prove'))('$route of $service is for who was asked', async () => {
      const { root, bearers, digest } = scenes.files
      const url = `${root}/possessions`
      const { accessToken: token } = stage.cast.owner.login()
      const body = JSON.stringify({ digest, sizeBytes: 5_000 })
      const asked = await askHttp({ method: 'POST', url, token, headers: json, body })
      const { id } = JSON.parse(asked.body) as { id: string }
      const proof = JSON.stringify({ proof: '0'.repeat(64) })
      for (const bearer of bearers) {
        const way = { name: 'a wrong proof', headers: json, status: 404, body: proof }
        const got = await told(root, 'POST /possessions/:id', bearer, id, '', way)
        expect([bearer.name, got]).toEqual([
          bearer.name,
          bearer.kind === 'access' ? '404 as if never' : '401 as if never',
        ])
      }
    })
  })

  /** The answer with what is random in it left out. */
  function masked(body: string): unknown {
    const said = JSON.parse(body) as { id?: string; nonce?: string; ranges?: unknown[] }
    if (said.id === undefined) return said
    return { ...said, id: said.id.length, nonce: said.nonce?.length, ranges: said.ranges?.length }
  }

  // Numbers of ranges are random, and so is how many digits they have.
  function withoutLength(headers: Readonly<Record<string, string>>) {
    const { 'content-length': _length, ...rest } = headers
    return rest
  }

  test('what needs no token tells everybody the same', async () => {
    for (const { service, route } of routes.filter((one) => one.route in openRoutes)) {
      const { root, bearers } = scenes[service]
      const [method = '', path = ''] = route.split(' ')
      const url = root + path.replace(':id', neverId)
      const untold = await askHttp({ method, url })
      expect([route, untold.status]).toEqual([route, openRoutes[route]])
      for (const { token, name } of bearers) {
        count.cell()
        const told = await askHttp({ method, url, token: await token() })
        expect([route, name, told]).toEqual([route, name, untold])
      }
    }
  })

  test('a method that is not there is refused before anything is looked at', async () => {
    for (const service of services) {
      const { root, bearers, readable } = scenes[service]
      const way = { name: 'plain', headers: {}, status: 405 }
      const [variant = ''] = variants[service]
      for (const method of ['PUT', 'POST', 'DELETE']) {
        for (const bearer of bearers) {
          const route = `${method} /${service}/:id`
          const got = await told(root, route, bearer, readable['shared']!, variant, way)
          expect([bearer.name, got]).toEqual([bearer.name, '405 as if never'])
        }
      }
    }
  })

  test('no cell was left out', () => {
    const { bearers, readable, uploads } = scenes.files
    const [people, things] = [bearers.length, Object.keys(readable).length]
    const shown = ofKind('read').flatMap(({ service }) => variants[service])
    const reads = shown.flatMap((variant) => waysOf(variant, '')).length * things
    const own = 1 - waysToUpload.length
    const perUpload = Object.keys(uploads).length * waysToUpload.length
    const once = routes.filter(({ route }) => route in openRoutes || routeKinds[route] === 'begin')
    const others = once.length + ofKind('ask').length * 2 + ofKind('prove').length + 2 * 3
    count.check((reads + uploading.length * perUpload + others) * people + own * uploading.length)
  })
}
