import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Bus } from './bus.ts'
import { busLimits } from './limits.ts'
import { subjects } from './subjects.ts'

/** A place where the buses of one kind meet. */
export interface BusWorld {
  /** A further bus of this world. */
  open(): Promise<Bus>
  /** The server dies. */
  outage(): Promise<void>
  /** The server is back. */
  heal(): Promise<void>
}

const subject = subjects.user('u1')

/** What every adapter of the port must do. */
export function busContract(name: string, newWorld: () => Promise<BusWorld>): void {
  describe(`${name} keeps the contract of a bus`, () => {
    async function setup() {
      const world = await newWorld()
      const open = async () => {
        const bus = await world.open()
        onTestFinished(() => bus.close())
        return bus
      }
      return { world, open, ann: await open(), bob: await open() }
    }

    test('messages arrive unchanged and in the order they were published', async () => {
      const { ann, bob } = await setup()
      const got = collect(bob, subject)
      await bob.flush()
      const sent = Array.from({ length: 100 }, (_, i) => `message ${i} 你好`)
      for (const text of sent) ann.publish(subject, bytes(text))
      await eventually(() => got.length === sent.length)
      expect(got).toEqual(sent)
    })

    test('an empty message is a message', async () => {
      const { ann, bob } = await setup()
      const got = collect(bob, subject)
      await bob.flush()
      ann.publish(subject, new Uint8Array())
      await eventually(() => got.length === 1)
      expect(got).toEqual([''])
    })

    test('a bus does not hear itself, everybody else does', async () => {
      const { ann, bob, open } = await setup()
      const cat = await open()
      const [own, bobs, cats] = [ann, bob, cat].map((bus) => collect(bus, subject))
      await Promise.all([ann.flush(), bob.flush(), cat.flush()])
      ann.publish(subject, bytes('from ann'))
      bob.publish(subject, bytes('from bob'))
      await eventually(() => cats?.length === 2 && own?.length === 1 && bobs?.length === 1)
      expect([own, bobs]).toEqual([['from bob'], ['from ann']])
    })

    test('only the subject subscribed to is heard, and the listener is told it', async () => {
      const { ann, bob } = await setup()
      const heard: string[] = []
      bob.subscribe(subjects.group('g1'), (_payload, from) => void heard.push(from))
      await bob.flush()
      ann.publish(subjects.group('g2'), bytes('no'))
      ann.publish(subjects.user('g1'), bytes('no'))
      ann.publish(subjects.group('g1'), bytes('yes'))
      await eventually(() => heard.length > 0)
      expect(heard).toEqual(['parley.v1.group.g1'])
    })

    test('two subscriptions of one subject are independent', async () => {
      const { ann, bob } = await setup()
      const first: string[] = []
      const second = collect(bob, subject)
      const subscription = bob.subscribe(subject, (payload) => void first.push(text(payload)))
      await bob.flush()
      ann.publish(subject, bytes('1'))
      await eventually(() => first.length === 1 && second.length === 1)
      subscription.close()
      subscription.close()
      await bob.flush()
      ann.publish(subject, bytes('2'))
      await eventually(() => second.length === 2)
      expect(first).toEqual(['1'])
    })

    test('a message that waits for its listener is not handed over after the subscription closed', async () => {
      const { ann, bob } = await setup()
      const heard: string[] = []
      const other = collect(bob, subjects.user('u2'))
      const subscription = bob.subscribe(subject, (payload) => {
        heard.push(text(payload))
        subscription.close()
      })
      await bob.flush()
      for (const message of ['1', '2', '3']) ann.publish(subject, bytes(message))
      ann.publish(subjects.user('u2'), bytes('end'))
      await eventually(() => other.length === 1)
      expect(heard).toEqual(['1'])
    })

    test.each([
      ['parley.v1.user.*', 'wildcard of one word'],
      ['parley.v1.>', 'wildcard of the rest'],
      ['parley..v1', 'empty word'],
      ['parley v1', 'blank'],
      ['a\r\nPUB b 0\r\n', 'protocol injected'],
      ['', 'nothing'],
      ['a'.repeat(129), 'too long'],
    ])('the subject %j is refused (%s)', async (bad) => {
      const { ann } = await setup()
      const refusal = expect.objectContaining({ kind: 'invalid', reason: 'SUBJECT_INVALID' })
      expect(() => ann.publish(bad, bytes('x'))).toThrow(refusal)
      expect(() => ann.subscribe(bad, () => undefined)).toThrow(refusal)
    })

    test('a message of the longest length passes and a longer one is refused', async () => {
      const { ann, bob } = await setup()
      const lengths: number[] = []
      bob.subscribe(subject, (payload) => void lengths.push(payload.length))
      await bob.flush()
      ann.publish(subject, new Uint8Array(busLimits.payloadBytes))
      await eventually(() => lengths.length === 1)
      expect(lengths).toEqual([busLimits.payloadBytes])
      const refusal = expect.objectContaining({ kind: 'too-large', reason: 'PAYLOAD_TOO_LARGE' })
      const tooLong = new Uint8Array(busLimits.payloadBytes + 1)
      expect(() => ann.publish(subject, tooLong)).toThrow(refusal)
    })

    test('a listener that throws or rejects is counted and hears the next message', async () => {
      const { ann, bob } = await setup()
      const heard: string[] = []
      bob.subscribe(subject, (payload) => {
        heard.push(text(payload))
        if (heard.length === 1) throw new Error('thrown')
        return heard.length === 2 ? Promise.reject(new Error('rejected')) : undefined
      })
      await bob.flush()
      for (const message of ['1', '2', '3']) ann.publish(subject, bytes(message))
      await eventually(() => heard.length === 3)
      expect(bob.counts().listenerFailures).toBe(2)
    })

    test('a slow listener hears one message at a time, in order', async () => {
      const { ann, bob } = await setup()
      const heard: string[] = []
      let running = 0
      bob.subscribe(subject, async (payload) => {
        running += 1
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
        heard.push(`${text(payload)}/${running}`)
        running -= 1
      })
      await bob.flush()
      for (const message of ['1', '2', '3']) ann.publish(subject, bytes(message))
      await eventually(() => heard.length === 3)
      expect(heard).toEqual(['1/1', '2/1', '3/1'])
    })

    test('a listener that hangs costs the oldest messages beyond the bound, and others nothing', async () => {
      const { ann, bob } = await setup()
      const hanging = hangingListener()
      bob.subscribe(subject, hanging.listener)
      const other = collect(bob, subject)
      await bob.flush()
      const total = busLimits.pendingMessages + 101
      for (let i = 0; i < total; i += 1) {
        ann.publish(subject, bytes(String(i)))
        // In steps, so that the quick listener beside it keeps up.
        if (i % 500 === 0) await eventually(() => other.length === i + 1)
      }
      await eventually(() => other.length === total)
      expect(bob.counts().droppedDeliveries).toBe(100)
      hanging.release()
      await eventually(() => hanging.heard.length === busLimits.pendingMessages + 1)
      expect(hanging.heard.slice(0, 2)).toEqual(['0', '101'])
      expect(hanging.heard.at(-1)).toBe(String(total - 1))
    })

    test('a listener that hangs holds no more bytes than the bound', async () => {
      const { ann, bob } = await setup()
      const hanging = hangingListener()
      bob.subscribe(subject, hanging.listener)
      await bob.flush()
      const large = new Uint8Array(busLimits.payloadBytes)
      ann.publish(subject, large)
      await eventually(() => hanging.heard.length === 1)
      const fitting = busLimits.pendingBytes / busLimits.payloadBytes
      for (let i = 0; i < fitting + 3; i += 1) ann.publish(subject, large)
      await eventually(() => bob.counts().droppedDeliveries === 3)
      hanging.release()
      await eventually(() => hanging.heard.length === 1 + fitting)
    })

    test('while the server is away publishes are dropped and counted, and a flush says so', async () => {
      const { world, ann } = await setup()
      await world.outage()
      await eventually(() => !ann.connected)
      for (let i = 0; i < 10; i += 1) ann.publish(subject, bytes('lost'))
      expect(ann.counts().droppedPublishes).toBe(10)
      await expect(ann.flush()).rejects.toMatchObject({ kind: 'unavailable', reason: 'BUS_AWAY' })
    })

    test('after an outage subscriptions work again, also those made meanwhile, and each end is told once', async () => {
      const { world, ann, bob } = await setup()
      const before = collect(bob, subject)
      const closed = collect(bob, subject)
      const told = { ann: 0, bob: 0, gone: 0 }
      ann.onReconnect(() => void (told.ann += 1))
      bob.onReconnect(() => void (told.bob += 1))
      bob.onReconnect(() => void (told.gone += 1)).close()
      await world.outage()
      await eventually(() => !ann.connected && !bob.connected)
      const during = collect(bob, subjects.user('u2'))
      ann.publish(subject, bytes('lost'))
      await world.heal()
      await eventually(() => told.ann === 1 && told.bob === 1)
      ann.publish(subject, bytes('1'))
      ann.publish(subjects.user('u2'), bytes('2'))
      await eventually(() => before.length === 1 && during.length === 1)
      expect([before, closed, during]).toEqual([['1'], ['1'], ['2']])
      expect(told).toEqual({ ann: 1, bob: 1, gone: 0 })
      expect(bob.counts().reconnects).toBe(1)
    })

    test('a closed bus hears nothing, sends nothing and refuses subscriptions', async () => {
      const { ann, bob, open } = await setup()
      const heard = collect(bob, subject)
      const cat = await open()
      const cats = collect(cat, subject)
      await Promise.all([bob.flush(), cat.flush()])
      await bob.close()
      await bob.close()
      expect(bob.connected).toBe(false)
      bob.publish(subject, bytes('from the grave'))
      ann.publish(subject, bytes('1'))
      await eventually(() => cats.length === 1)
      expect([heard, cats]).toEqual([[], ['1']])
      expect(bob.counts().droppedPublishes).toBe(1)
      const refusal = expect.objectContaining({ kind: 'unavailable', reason: 'BUS_CLOSED' })
      expect(() => bob.subscribe(subject, () => undefined)).toThrow(refusal)
      await expect(bob.flush()).rejects.toMatchObject({ reason: 'BUS_AWAY' })
    })

    test('what was published before close is sent', async () => {
      const { ann, bob } = await setup()
      const got = collect(bob, subject)
      await bob.flush()
      for (let i = 0; i < 100; i += 1) ann.publish(subject, bytes(String(i)))
      await ann.close()
      await eventually(() => got.length === 100)
    })

    test('subscriptions beyond the bound are refused until one is closed', async () => {
      const { ann } = await setup()
      const held = Array.from({ length: busLimits.subscriptions }, () =>
        ann.subscribe(subject, () => undefined),
      )
      const oneMore = () => ann.subscribe(subject, () => undefined)
      const refusal = { kind: 'exhausted', reason: 'TOO_MANY_SUBSCRIPTIONS' }
      expect(oneMore).toThrow(expect.objectContaining(refusal))
      held[0]?.close()
      expect(oneMore).not.toThrow()
    }, 30_000)
  })
}

function collect(bus: Bus, from: string): string[] {
  const got: string[] = []
  bus.subscribe(from, (payload) => void got.push(text(payload)))
  return got
}

function hangingListener() {
  const heard: string[] = []
  let release = () => undefined as void
  const released = new Promise<void>((resolve) => (release = resolve))
  const listener = (payload: Uint8Array) => {
    heard.push(payload.length < 100 ? text(payload) : `${payload.length} bytes`)
    return released
  }
  return { heard, listener, release: () => release() }
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function text(payload: Uint8Array): string {
  return new TextDecoder().decode(payload)
}
