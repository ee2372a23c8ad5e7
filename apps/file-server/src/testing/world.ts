import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createLogger } from '@parley/service-kit'
import type { Env } from '@parley/service-kit'
import { loadConfig } from '../config.ts'
import { startFileServer } from '../file-server.ts'
import type { FileServerParts } from '../file-server.ts'
import { openRelay } from './relay.ts'

/** What the internal doors of these tests are opened with. */
export const internalKey = 'k'.repeat(32)

/** The environment of a file server that keeps everything in a folder and takes any free ports. */
export function worldEnv(folder: string, more: Env = {}): Env {
  return {
    PORT: '0',
    INTERNAL_PORT: '0',
    DATA_DIR: path.join(folder, 'file-server'),
    INTERNAL_KEY: internalKey,
    MIN_FREE_BYTES: '0',
    LOG_LEVEL: 'silent',
    ...more,
  }
}

/** A running file server and the relay it believes. */
export async function startWorld(
  folder: string,
  more: Env = {},
  parts: Partial<FileServerParts> = {},
) {
  const relay = await openRelay(folder)
  const log = createLogger('file-server', 'silent')
  const config = loadConfig(worldEnv(folder, more))
  const server = await startFileServer(config, { log, relayKeys: relay.keys, ...parts })
  // The keys are written in the background: a folder that is being removed must not get them.
  if (!parts.relayKeys) await untilThere(path.join(config.dataDir, 'relay-keys.json'))
  const { internal = '' } = server.addresses
  return { relay, server, internal, root: `http://${server.addresses['public'] ?? ''}` }
}

async function untilThere(file: string): Promise<void> {
  while (!existsSync(file)) await pause(2)
}
