import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeKeyPair } from '../key-pair.ts'
import { maxPathMessageBytes, openPath } from './datagram-path.ts'
import type { DatagramPath, PathOptions } from './datagram-path.ts'
import type { Endpoint } from './meeting.ts'

const ann = makeKeyPair()
const bob = makeKeyPair()
const limits = { openMs: 20_000, knockMs: 20, pingMs: 50, silentMs: 10_000 }

/** Its process can stand still: then time passes and no timer goes off. */
class HaltingScheduler extends FakeScheduler {
  stoodStillMs = 0

  override monotonic(): number {
    return super.monotonic() + this.stoodStillMs
  }
}

async function boundSocket(): Promise<{ socket: Socket; at: Endpoint }> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return { socket, at: { address: '127.0.0.1', port: socket.address().port } }
}

type Side = Partial<PathOptions>

/** Both ends, which reach each other at these places unless told. */
async function ends(more: { ann?: Side; bob?: Side } = {}) {
  const [near, far] = [await boundSocket(), await boundSocket()]
  const session = randomBytes(16)
  const common = { session, purpose: 'test', limits }
  const annEnd = (side: Side = {}) =>
    openPath({
      ...common,
      socket: near.socket,
      me: ann,
      role: 'initiator',
      expect: bob.publicKey,
      candidates: [far.at],
      ...more.ann,
      ...side,
    })
  const bobEnd = (side: Side = {}) =>
    openPath({
      ...common,
      socket: far.socket,
      me: bob,
      role: 'responder',
      expect: ann.publicKey,
      candidates: [near.at],
      ...more.bob,
      ...side,
    })
  return { near, far, session, annEnd, bobEnd }
}

async function opened(more: { ann?: Side; bob?: Side } = {}) {
  const { annEnd, bobEnd, ...rest } = await ends(more)
  const [here, there] = await Promise.all([annEnd(), bobEnd()])
  onTestFinished(() => {
    here.close()
    there.close()
  })
  return { ...rest, here, there, heard: heardBy(there) }
}

function heardBy(path: DatagramPath): string[] {
  const heard: string[] = []
  path.onMessage((message) => heard.push(Buffer.from(message).toString()))
  return heard
}

/** Stands between two sides and does to each datagram what the test says. */
async function between(fate: (bytes: Buffer) => readonly Buffer[]) {
  const [left, right] = [await boundSocket(), await boundSocket()]
  const ofAnn: { at?: Endpoint } = {}
  const ofBob: { at?: Endpoint } = {}
  const pass = (by: Socket, to: { at?: Endpoint }, bytes: Buffer) => {
    if (to.at === undefined) return
    for (const each of fate(bytes)) by.send(each, to.at.port, to.at.address, () => undefined)
  }
  left.socket.on('message', (bytes, from) => {
    ofAnn.at = from
    pass(right.socket, ofBob, bytes)
  })
  right.socket.on('message', (bytes, from) => {
    ofBob.at = from
    pass(left.socket, ofAnn, bytes)
  })
  return { forAnn: left.at, forBob: right.at }
}

describe('a path', () => {
  test('is opened between two sides that know each other by key, and carries messages both ways', async () => {
    const { here, there, heard } = await opened()
    const back = heardBy(here)
    expect(here.send(Buffer.from('hello'))).toBe(true)
    there.send(Buffer.alloc(maxPathMessageBytes, 'x'))
    await eventually(() => heard.length === 1 && back.length === 1)
    expect(heard).toEqual(['hello'])
    expect(back[0]?.length).toBe(maxPathMessageBytes)
    expect(here.binding).toEqual(there.binding)
    await eventually(() => here.rttMs !== undefined && there.rttMs !== undefined)
  })

  test('is found at another address than the one that was told', async () => {
    // As behind a NAT: bob was told a wrong port of ann, and finds the right one by her knocking.
    const wrong = await boundSocket()
    const { here, heard } = await opened({ bob: { candidates: [wrong.at] } })
    here.send(Buffer.from('found'))
    await eventually(() => heard.length === 1)
  })

  test('is opened although datagrams are lost, repeated and late', async () => {
    let count = 0
    let late: Buffer | undefined
    const way = await between((bytes) => {
      count += 1
      if (count % 3 === 0) return []
      const copy = Buffer.from(bytes)
      const out = late === undefined ? [copy, copy] : [copy, late, copy]
      late = copy
      return out
    })
    const { here, heard } = await opened({
      ann: { candidates: [way.forAnn] },
      bob: { candidates: [way.forBob] },
    })
    for (let i = 0; i < 200; i += 1) here.send(Buffer.from(String(i)))
    await eventually(() => heard.length > 50)
    expect(new Set(heard).size).toBe(heard.length)
  })

  test('takes nothing that was seen before, forged or of another session', async () => {
    const seen: Buffer[] = []
    const way = await between((bytes) => {
      seen.push(Buffer.from(bytes))
      return [bytes]
    })
    const { here, heard, far } = await opened({
      ann: { candidates: [way.forAnn] },
      bob: { candidates: [way.forBob] },
    })
    here.send(Buffer.from('once'))
    await eventually(() => heard.length === 1)
    const stranger = await boundSocket()
    const forged = seen.map((bytes) => {
      const copy = Buffer.from(bytes)
      copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
      return copy
    })
    const foreign = seen.map((bytes) => Buffer.from(bytes).fill(7, 1, 17))
    for (const bytes of [...seen, ...forged, ...foreign]) {
      stranger.socket.send(bytes, far.at.port, far.at.address)
    }
    here.send(Buffer.from('twice'))
    await eventually(() => heard.length === 2)
    expect(heard).toEqual(['once', 'twice'])
  })

  test('says goodbye, and takes nothing more', async () => {
    const { here, there } = await opened()
    here.close()
    expect(await there.ended).toBeUndefined()
    expect(await here.ended).toBeUndefined()
    expect(here.send(Buffer.from('late'))).toBe(false)
  })

  test('is over when nothing is heard of the other side', async () => {
    let isCut = false
    const way = await between((bytes) => (isCut ? [] : [bytes]))
    const short = { ...limits, silentMs: 300 }
    const { here, there } = await opened({
      ann: { candidates: [way.forAnn], limits: short },
      bob: { candidates: [way.forBob], limits: short },
    })
    isCut = true
    expect(await here.ended).toMatchObject({ reason: 'PATH_SILENT' })
    expect(await there.ended).toMatchObject({ reason: 'PATH_SILENT' })
  })

  test('lives on when its own process has stood still, if the other side is heard then', async () => {
    const scheduler = new HaltingScheduler()
    const opening = opened({ bob: { scheduler } })
    let isOpen = false
    void opening.then(() => (isOpen = true))
    await eventually(() => scheduler.advance(limits.knockMs).then(() => isOpen))
    const { here, there, heard } = await opening
    scheduler.stoodStillMs = 2 * limits.silentMs
    await scheduler.advance(limits.pingMs)
    here.send(Buffer.from('said meanwhile'))
    await eventually(() => heard.length === 1)
    await scheduler.advance(limits.pingMs)
    here.send(Buffer.from('and after'))
    await eventually(() => heard.length === 2)
    expect(there.isOpen).toBe(true)
  })

  test('refuses what does not fit into a datagram', async () => {
    const { here } = await opened()
    expect(() => here.send(Buffer.alloc(maxPathMessageBytes + 1))).toThrow('at most')
  })
})

describe('opening a path', () => {
  const soon = { limits: { ...limits, openMs: 400 } }

  test('fails in time when nobody is there', async () => {
    const { annEnd } = await ends({ ann: soon })
    await expect(annEnd()).rejects.toMatchObject({ reason: 'PATH_NOT_FOUND' })
  })

  test('fails for whoever has another key, on both sides', async () => {
    const { annEnd, bobEnd } = await ends({ ann: soon, bob: { ...soon, me: makeKeyPair() } })
    const failed = { reason: { reason: 'PATH_NOT_FOUND' } }
    expect(await Promise.allSettled([annEnd(), bobEnd()])).toMatchObject([failed, failed])
  })

  test('fails for whoever was not given the session', async () => {
    const { annEnd, bobEnd } = await ends({
      ann: soon,
      bob: { ...soon, session: randomBytes(16) },
    })
    const failed = { reason: { reason: 'PATH_NOT_FOUND' } }
    expect(await Promise.allSettled([annEnd(), bobEnd()])).toMatchObject([failed, failed])
  })

  test('hears nothing from port 0, where nothing can be sent', async () => {
    const { annEnd, bobEnd, near, session } = await ends()
    const opening = annEnd()
    const probe = Buffer.concat([Buffer.from([1]), session])
    const from = { address: '127.0.0.1', family: 'IPv4', port: 0, size: probe.length }
    // The kernel delivers such datagrams; only root can send them.
    near.socket.emit('message', probe, from)
    const [here, there] = await Promise.all([opening, bobEnd()])
    expect(here.remote?.port).not.toBe(0)
    here.close()
    there.close()
  })

  test('fails over a socket that is closed, and throws nowhere', async () => {
    const scheduler = new FakeScheduler()
    const socket = createSocket('udp4')
    const isClosed = once(socket, 'close')
    socket.close()
    await isClosed
    const { annEnd } = await ends({ ann: { socket, scheduler } })
    const opening = Promise.allSettled([annEnd()])
    await scheduler.advance(limits.openMs)
    expect(await opening).toMatchObject([{ reason: { reason: 'PATH_NOT_FOUND' } }])
  })

  test('is given up when told so, before it is found and after', async () => {
    const early = new AbortController()
    const { annEnd, bobEnd } = await ends()
    const opening = annEnd({ signal: early.signal })
    early.abort()
    const again = annEnd({ signal: early.signal })
    const failed = { reason: { reason: 'PATH_NOT_FOUND' } }
    expect(await Promise.allSettled([opening, again])).toMatchObject([failed, failed])
    const late = new AbortController()
    const [here, there] = await Promise.all([annEnd({ signal: late.signal }), bobEnd()])
    late.abort()
    expect(await there.ended).toBeUndefined()
    expect(here.isOpen).toBe(false)
  })

  test('survives forged messages of the handshake', async () => {
    const { annEnd, bobEnd, near, far, session } = await ends()
    const stranger = await boundSocket()
    const forge = (kind: number, at: Endpoint) => {
      const bytes = Buffer.concat([Buffer.from([kind]), session, randomBytes(96)])
      stranger.socket.send(bytes, at.port, at.address)
    }
    for (const kind of [1, 2, 3, 4, 5]) forge(kind, near.at)
    for (const kind of [2, 4]) forge(kind, far.at)
    const [here, there] = await Promise.all([annEnd(), bobEnd()])
    expect(here.binding).toEqual(there.binding)
    here.close()
    there.close()
  })
})
