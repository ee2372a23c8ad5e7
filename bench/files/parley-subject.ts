import { randomBytes, randomUUID } from 'node:crypto'
import { openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { issueAccessToken, issueTicket, openSigner } from '@parley/auth'
import type { Signer } from '@parley/auth'
import { requireKey, serviceKeyHeader, signingKeysService, startGrpcServer } from '@parley/grpc-kit'
import { createLogger, systemScheduler } from '@parley/service-kit'
import type { Env } from '@parley/service-kit'
import { startPinned, stopPinned } from '../measure/pinned.ts'
import { atOnceBytes } from './subject.ts'
import type { FileSubject, GetJob, PutJob, SourceFile } from './subject.ts'

/** Ours, to be told apart from its peers. */
export const parleyName = 'parley'

// A user may begin 200 uploads in a burst: many small files come from several.
const filesPerUser = 100
const program = path.join(import.meta.dirname, '../../apps/file-server/src/main.ts')

/** How ours is started. */
export interface ParleyLaunch {
  readonly folder: string
  readonly core: number
  readonly nodeArgs: readonly string[]
}

/** Starts the real file server on disk; who signs tokens for it is this process instead of a relay. */
export async function startParley({ folder, core, nodeArgs }: ParleyLaunch): Promise<FileSubject> {
  const internalKey = randomBytes(32).toString('hex')
  const signer = await openSigner({ issuer: 'relay', folder, scheduler: systemScheduler })
  const keys = await serveKeys(signer, internalKey)
  const dataDir = path.join(folder, 'file-server')
  const env = { RELAY_INTERNAL: keys.address, INTERNAL_KEY: internalKey, DATA_DIR: dataDir }
  const server = await startProcess({ folder, core, nodeArgs }, env)
  const users = new Users(signer)
  const blobs = path.join(dataDir, 'filecache/blobs')
  return {
    name: parleyName,
    pid: server.pid,
    address: server.address,
    description: 'apps/file-server: BLAKE3, synced before it is acknowledged',
    putJob: async (file) => putJob(file, await users.next()),
    getJob: (file, { headers }) => getJob(signer, file, headers['parley-file-id'] ?? ''),
    placeOf: ({ digest }) => path.join(blobs, digest.slice(0, 2), digest.slice(2, 4), digest),
    stop: async () => {
      await server.stop()
      await keys.close()
    },
  }
}

function serveKeys(signer: Signer, internalKey: string) {
  const log = createLogger('bench', 'silent')
  const service = signingKeysService({ log }, signer.jwks)
  const services = [requireKey(service, serviceKeyHeader, internalKey)]
  return startGrpcServer({ host: '127.0.0.1', port: 0, services })
}

/** Access tokens of people, each for so many files. */
class Users {
  readonly #signer: Signer
  #token = ''
  #used = filesPerUser

  constructor(signer: Signer) {
    this.#signer = signer
  }

  async next(): Promise<string> {
    this.#used += 1
    if (this.#used <= filesPerUser) return this.#token
    const userId = randomUUID()
    const grant = { userId, deviceId: userId, loginId: 'bench' }
    this.#used = 1
    this.#token = (await issueAccessToken(this.#signer, grant)).token
    return this.#token
  }
}

function putJob({ seed, sizeBytes }: SourceFile, token: string): PutJob {
  const headers = { Authorization: `Bearer ${token}` }
  const way = sizeBytes < atOnceBytes ? 'tus-at-once' : 'tus'
  return { way, path: '/uploads', headers, seed, sizeBytes }
}

async function getJob(signer: Signer, file: SourceFile, id: string): Promise<GetJob> {
  const { token } = await issueTicket(signer, { userId: randomUUID(), blobId: id }, 'files')
  const headers = { Authorization: `Bearer ${token}` }
  return { path: `/files/${id}`, headers, seed: file.seed, sizeBytes: file.sizeBytes }
}

/** What the server is told besides where to live; the generator is one address and many people. */
export const parleySettings = {
  MAX_USER_BYTES: String(2 ** 50),
  MAX_USER_FILES: '1000000',
  MAX_USER_ACTIVE: '64',
  LOG_LEVEL: 'info',
} as const

async function startProcess({ folder, core, nodeArgs }: ParleyLaunch, env: Env) {
  const log = path.join(folder, 'file-server.log')
  const child = startPinned({
    core,
    args: [...nodeArgs, program],
    env: { ...parleySettings, ...env, PORT: '0', INTERNAL_PORT: '0', PARLEY_PARENT_WATCH: '1' },
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
  })
  const { stdout, pid } = child
  if (stdout === null || pid === undefined) throw new Error('the file server cannot be started')
  for await (const line of createInterface({ input: stdout })) {
    const ready = JSON.parse(line) as { addresses: { public: string } }
    return { pid, address: ready.addresses.public, stop: () => stopPinned(child) }
  }
  throw new Error(`the file server did not start: ${readFileSync(log, 'utf8').slice(-2000)}`)
}
