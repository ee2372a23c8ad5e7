import type { Route } from './exchange.ts'

/** A route that fits a request, or what its path would have allowed. */
export type Match =
  | { readonly found: 'route'; readonly route: Route; readonly params: Record<string, string> }
  | { readonly found: 'path'; readonly allow: string }
  | { readonly found: 'nothing' }

const paramShape = /^[A-Za-z0-9_-]{1,64}$/

/** Finds the route of a method and a URL; a query is no part of any address here and is ignored. */
export function matchRoute(routes: readonly Route[], method: string, url: string): Match {
  const path = url.split('?', 1)[0] ?? ''
  const fitting = routes.flatMap((route) => {
    const params = matchPath(route.path, path)
    return params ? [{ route, params }] : []
  })
  const [first] = fitting
  if (!first) return { found: 'nothing' }
  const match = fitting.find((one) => one.route.method === method)
  if (match) return { found: 'route', ...match }
  return { found: 'path', allow: fitting.map((one) => one.route.method).join(', ') }
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== value) return undefined
    } else if (paramShape.test(value)) params[part.slice(1)] = value
    else return undefined
  }
  return params
}
