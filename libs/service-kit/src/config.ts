import type { Env } from './load-env.ts'

/** The environment this process was given. */
export function currentEnv(): Env {
  return process.env
}

/** Whether this process must end when its parent does. */
export function endsWithParent(env: Env): boolean {
  return env['PARLEY_PARENT_WATCH'] === '1'
}
