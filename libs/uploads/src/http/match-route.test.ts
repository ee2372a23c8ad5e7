import { expect, test } from 'vitest'
import type { Route } from './exchange.ts'
import { matchRoute } from './match-route.ts'

const handle = async () => undefined
const routes: Route[] = [
  { method: 'GET', path: '/files/:id', handle },
  { method: 'HEAD', path: '/files/:id', handle },
  { method: 'GET', path: '/images/:id/:variant', handle },
]

test('finds the route and what stands in its places', () => {
  const match = matchRoute(routes, 'GET', '/images/abc/thumb?x=1')
  expect(match).toMatchObject({ found: 'route', params: { id: 'abc', variant: 'thumb' } })
})

test('says what a known path would have allowed', () => {
  expect(matchRoute(routes, 'POST', '/files/abc')).toEqual({ found: 'path', allow: 'GET, HEAD' })
})

test.each([
  ['/files/', 'no id'],
  ['/files/../x', 'a step up'],
  ['/files/%2e%2e', 'an encoded step up'],
  ['/files/a%00', 'a NUL'],
  [`/files/${'a'.repeat(65)}`, 'an id too long'],
  ['/files/a/b', 'one part too many'],
  ['//files/a', 'an empty part'],
  ['', 'nothing'],
])('finds nothing at %j: %s', (url) => {
  expect(matchRoute(routes, 'GET', url)).toEqual({ found: 'nothing' })
})
