import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { signingKeysService, startGrpcServer } from '@parley/grpc-kit'
import type { Logger } from '@parley/service-kit'
import { testRelay } from './start-test-server.ts'

/** The program of an image server. */
export const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** An image server that is a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess
  readonly url: string
  /** What it logs. */
  readonly stderr: Readable
}

/** A relay in `folder` that signs and can be asked for its keys, and the environment of a server beside it. */
export async function relayForProcess(folder: string, log: Logger) {
  const relay = await testRelay(folder)
  const services = [signingKeysService({ log }, relay.signer.jwks)]
  const door = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
  const env = {
    PORT: '0',
    INTERNAL_PORT: '0',
    DATA_DIR: join(folder, 'img-server'),
    RELAY_INTERNAL: door.address,
    MIN_FREE_BYTES: '0',
    LOG_LEVEL: 'warn',
  }
  return { ...relay, env, close: () => door.close() }
}

/** Starts one and resolves when it answers; `started` is told of the process at once, to end it whatever happens. */
export async function startServerProcess(
  env: Record<string, string>,
  started: (child: ChildProcess) => void,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started(child)
  for await (const line of createInterface({ input: child.stdout })) {
    const { addresses } = JSON.parse(line) as { addresses: { public: string } }
    return { child, url: `http://${addresses.public}`, stderr: child.stderr }
  }
  throw new Error(`the server did not come up: ${await text(child.stderr)}`)
}
