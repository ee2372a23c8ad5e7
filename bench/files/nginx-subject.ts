import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { requireProgram } from '../measure/programs.ts'
import type { FileSubject } from './subject.ts'

const startLimitMs = 10_000

/** Starts nginx with one worker: GET by sendfile, PUT by its dav module, neither hashed nor synced. */
export async function startNginx(folder: string, core: number): Promise<FileSubject> {
  const program = requireProgram('nginx', 'nginx')
  const port = await freePort()
  const files = path.join(folder, 'files')
  // Its worker gives up root, and must still reach what it serves.
  mkdirSync(files, { recursive: true, mode: 0o755 })
  const configuration = path.join(folder, 'nginx.conf')
  writeFileSync(configuration, configurationOf(folder, files, port))
  const args = ['-c', String(core), program, '-e', path.join(folder, 'error.log')]
  const child = spawn('taskset', [...args, '-c', configuration], { stdio: 'inherit' })
  const { pid } = child
  if (pid === undefined) throw new Error('nginx cannot be started')
  await untilOpen(port, folder)
  return {
    name: 'nginx',
    pid,
    address: `127.0.0.1:${port}`,
    description: `${versionOf(program)}: sendfile, dav PUT, one worker, no hash, no sync`,
    putJob: async ({ seed, sizeBytes }) => {
      return { way: 'put', path: `/${seed}`, headers: {}, seed, sizeBytes }
    },
    getJob: async ({ seed, sizeBytes }) => ({ path: `/${seed}`, headers: {}, seed, sizeBytes }),
    placeOf: ({ seed }) => path.join(files, seed),
    stop: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGQUIT')
      await gone
    },
  }
}

function configurationOf(folder: string, files: string, port: number): string {
  const own = (name: string) => path.join(folder, name)
  return `
daemon off;
worker_processes 1;
user root;
pid ${own('nginx.pid')};
error_log ${own('error.log')};
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_max_body_size 0;
  client_body_temp_path ${own('body')};
  proxy_temp_path ${own('proxy')};
  fastcgi_temp_path ${own('fastcgi')};
  uwsgi_temp_path ${own('uwsgi')};
  scgi_temp_path ${own('scgi')};
  server {
    listen 127.0.0.1:${port};
    root ${files};
    dav_methods PUT;
  }
}
`
}

function versionOf(program: string): string {
  // It tells its version on stderr.
  const told = execFileSync('sh', ['-c', `"${program}" -v 2>&1`], { encoding: 'utf8' })
  return told.trim().replace('nginx version: ', '')
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilOpen(port: number, folder: string): Promise<void> {
  const endMs = performance.now() + startLimitMs
  while (performance.now() < endMs) {
    const socket = createConnection(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await sleep(20)
  }
  throw new Error(`nginx does not answer: ${readFileSync(path.join(folder, 'error.log'), 'utf8')}`)
}
