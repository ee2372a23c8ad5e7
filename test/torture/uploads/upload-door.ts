import { Agent, createServer, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http'
import { hostAndPort, listen } from '../proxy/fault-proxy.ts'
import { UploadTally } from './upload-tally.ts'

/** Where an upload of so many bytes is to be interrupted. */
export type CutPlan = (sizeBytes: number) => readonly number[]

/** A request on its way to the server. */
interface Passage {
  readonly request: IncomingMessage
  readonly answer: ServerResponse
  readonly onward: ClientRequest
  /** Of bytes of an upload. */
  readonly tally: UploadTally | undefined
}

/**
 * A way to a file server that knows uploads: each is held where it is to be interrupted, until
 * something ends it, and what that costs is counted.
 */
export class UploadDoor {
  readonly tallies = new Map<string, UploadTally>()
  readonly #server: Server = createServer((request, answer) => this.#pass(request, answer))
  readonly #agent = new Agent({ keepAlive: true })
  readonly #plan: CutPlan
  readonly #open = new Set<Passage>()
  readonly #held = new Set<Passage>()
  #target = { host: '127.0.0.1', port: 0 }
  #port = 0

  private constructor(plan: CutPlan) {
    this.#plan = plan
  }

  /** Opens on loopback; it leads nowhere until it is told where. */
  static async start(plan: CutPlan): Promise<UploadDoor> {
    const door = new UploadDoor(plan)
    door.#port = await listen(door.#server, 0)
    return door
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Uploads that stand at their place. */
  get held(): number {
    return this.#held.size
  }

  /** Leads to this `host:port` from now on. */
  lead(target: string): void {
    this.#target = hostAndPort(target)
  }

  /** Resets the connections of all uploads under way. */
  cut(): void {
    for (const passage of this.#open) {
      if (!passage.tally) continue
      this.#over(passage)
      end(passage)
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  #pass(request: IncomingMessage, answer: ServerResponse): void {
    const { method = '', url = '', headers } = request
    const onward = httpRequest({ ...this.#target, method, path: url, headers, agent: this.#agent })
    const tally = method === 'PATCH' ? this.tallies.get(url) : undefined
    const passage = { request, answer, onward, tally }
    this.#open.add(passage)
    answer.once('close', () => this.#over(passage))
    request.on('error', () => end(passage))
    onward.on('error', () => end(passage))
    onward.on('response', (told) => {
      // A held request is never answered: it will be broken off.
      if (!this.#held.has(passage)) this.#tell(passage, told)
    })
    if (tally) this.#meter(passage, tally)
    else request.pipe(onward)
  }

  #tell({ request, answer }: Passage, told: IncomingMessage): void {
    const { location } = told.headers
    if (request.method === 'POST' && location) {
      const sizeBytes = Number(request.headers['upload-length'])
      this.tallies.set(location, new UploadTally(sizeBytes, this.#plan(sizeBytes)))
    }
    answer.writeHead(told.statusCode ?? 502, told.headers)
    told.on('error', () => answer.destroy())
    told.pipe(answer)
  }

  #meter(passage: Passage, tally: UploadTally): void {
    const { request, onward } = passage
    let at = Number(request.headers['upload-offset'])
    tally.resumed(at)
    request.on('data', (chunk: Buffer) => {
      // What is ended may still have something in its buffers.
      if (this.#held.has(passage) || !this.#open.has(passage)) return
      tally.arrivedBytes += chunk.length
      const part = chunk.subarray(0, (tally.cutsAt[0] ?? Infinity) - at)
      at += part.length
      const hasRoom = onward.write(part)
      if (at === tally.cutsAt[0]) this.#hold(passage)
      else if (!hasRoom) waitForRoom(passage, () => this.#held.has(passage))
    })
    request.on('end', () => onward.end())
  }

  #hold(passage: Passage): void {
    this.#held.add(passage)
    passage.request.pause()
  }

  #over(passage: Passage): void {
    if (!this.#open.delete(passage)) return
    const { request, answer, tally } = passage
    if (this.#held.delete(passage)) tally?.cutsAt.shift()
    if (answer.writableFinished) return
    const { headers } = request
    tally?.broken(Number(headers['upload-offset']) + Number(headers['content-length']))
    // A client that has gone takes its request with it.
    end(passage)
  }
}

function waitForRoom({ request, onward }: Passage, isHeld: () => boolean): void {
  request.pause()
  onward.once('drain', () => {
    if (!isHeld()) request.resume()
  })
}

function end({ request, onward }: Passage): void {
  onward.destroy()
  request.socket.resetAndDestroy()
}
