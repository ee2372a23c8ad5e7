import { spawn } from 'node:child_process'
import path from 'node:path'
import { RunningCommand } from './parley-command.ts'
import type { Ended } from './parley-command.ts'
import type { World } from './world.ts'

const program = path.resolve(import.meta.dirname, '../../apps/cli-client/bin/parley-admin.js')

/** Runs the real `parley-admin` with --json at a world's relay, to its end. */
export function runAdmin({ cluster }: World, args: readonly string[]): Promise<Ended> {
  const RELAY_INTERNAL = cluster.addresses('relay')['internal'] ?? ''
  const DATA_DIR = cluster.dataFolder('relay')
  const child = spawn(process.execPath, [program, '--json', ...args], {
    env: { ...process.env, RELAY_INTERNAL, DATA_DIR },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new RunningCommand(child).ended
}

/** As `runAdmin`; throws unless it succeeds. */
export async function mustAdmin(world: World, args: readonly string[]): Promise<Ended> {
  const ended = await runAdmin(world, args)
  if (ended.code === 0) return ended
  throw new Error(`parley-admin ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`)
}
