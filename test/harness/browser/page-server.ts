import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

const folder = path.join(import.meta.dirname, 'page')
const pages: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': { file: 'index.html', type: 'text/html' },
  '/chat.js': { file: 'chat.js', type: 'text/javascript' },
}

/** A web server with one page, as a site has that uses a relay elsewhere. */
export interface PageServer {
  /** As a browser says it. */
  readonly origin: string
  /** The same page by another name of this machine, which makes it another origin. */
  readonly otherOrigin: string
  close(): Promise<void>
}

/** Serves the page of `page/` on a free port. */
export async function servePage(): Promise<PageServer> {
  const server = createServer((request, response) => {
    const page = pages[(request.url ?? '').split('?')[0] ?? '']
    if (page === undefined) return void response.writeHead(404).end()
    readFile(path.join(folder, page.file)).then(
      (bytes) => response.writeHead(200, { 'Content-Type': page.type }).end(bytes),
      () => response.writeHead(500).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    otherOrigin: `http://localhost:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
