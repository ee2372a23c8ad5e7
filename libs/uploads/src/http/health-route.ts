import { answerJson } from './answer.ts'
import type { Route } from './exchange.ts'

/** The route that says how the service is: 200 with every check, 503 when one is degraded. */
export function healthRoute(report: () => Promise<{ readonly status: 'ok' | 'degraded' }>): Route {
  return {
    method: 'GET',
    path: '/healthz',
    handle: async ({ response }) => {
      const state = await report()
      answerJson(response, state.status === 'ok' ? 200 : 503, state)
    },
  }
}
