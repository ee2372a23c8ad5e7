import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { eventually, freePort } from '@parley/testkit'
import { commonSettings, doorSettings, storeSettings, swiftKeys, swiftStores } from './settings.ts'
import type { SwiftPorts } from './settings.ts'

const bucket = 'parley-test'
const startLimitMs = 60_000

/** A running OpenStack Swift with its S3 API: a door and three storage servers, in a folder. */
export interface Swift {
  /** An `S3_URL` of its one bucket. */
  readonly url: string
  close(): Promise<void>
}

/** Why Swift cannot be started here, or undefined when it can. */
export function swiftIsMissing(): string | undefined {
  const needed = ['/usr/bin/setpriv', '/usr/bin/python3', '/usr/lib/python3/dist-packages/swift']
  const missing = needed.find((file) => !existsSync(file))
  return missing === undefined ? undefined : `${missing} is missing (Debian: python3-swift)`
}

/** Starts one whose everything is in this folder, which must keep extended attributes. */
export async function startSwift(folder: string): Promise<Swift> {
  const [proxy, account, container, object] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  const ports = { proxy, account, container, object }
  await mkdir(path.join(folder, 'disks/d1'), { recursive: true })
  await writeSettings(folder, ports)
  const children = [...swiftStores, 'proxy'].map((name) => startServer(folder, name))
  const close = async () => void (await Promise.all(children.map(end)))
  try {
    const isUp = () => Promise.all(Object.values(ports).map(assertTaken))
    await eventually(isUp, { timeoutMs: startLimitMs, everyMs: 100 })
    await makeBucket(`http://127.0.0.1:${proxy}`)
  } catch (error) {
    await close()
    throw error
  }
  const { accessKeyId, secretAccessKey } = swiftKeys
  const login = `${encodeURIComponent(accessKeyId)}:${secretAccessKey}`
  return { url: `s3://${login}@127.0.0.1:${proxy}/${bucket}?tls=0`, close }
}

async function writeSettings(folder: string, ports: SwiftPorts): Promise<void> {
  for (const store of swiftStores) {
    const settings = storeSettings(folder, store, ports[store])
    await writeFile(path.join(folder, `${store}.conf`), settings)
  }
  await writeFile(path.join(folder, 'swift.conf'), commonSettings)
  await writeFile(path.join(folder, 'proxy.conf'), doorSettings(folder, ports.proxy))
  const rings = swiftStores.map((store) => `${store}:${ports[store]}`)
  execFileSync('/usr/bin/python3', [script('make-rings.py'), folder, ...rings], { stdio: 'pipe' })
}

function startServer(folder: string, name: string): ChildProcess {
  // The kernel ends the server with us, also when we are killed with -9.
  const program = ['/usr/bin/python3', script('run-server.py'), folder, name]
  return spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', ...program], { stdio: 'ignore' })
}

function script(name: string): string {
  return path.join(import.meta.dirname, name)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

function assertTaken(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
}

async function makeBucket(endpoint: string): Promise<void> {
  const credentials = swiftKeys
  const rest = { region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 }
  const client = new S3Client({ endpoint, credentials, ...rest })
  const make = () => client.send(new CreateBucketCommand({ Bucket: bucket }))
  await eventually(make, { timeoutMs: startLimitMs, everyMs: 250 })
  client.destroy()
}
