import { describe, expect, test } from 'vitest'
import { StreamWriter } from './index.ts'

describe('StreamWriter', () => {
  // The two sides of a stream that a test holds in its hands.
  function fake(takes: number) {
    const written: string[] = []
    const listeners = new Map<string, () => void>()
    const stream = {
      takes,
      write(message: string | Buffer) {
        written.push(message.toString())
        stream.takes -= 1
        return stream.takes > 0
      },
      on: (event: string, listener: () => void) => listeners.set(event, listener),
      end: () => written.push('end'),
      emit: (event: string) => listeners.get(event)?.(),
    }
    return { stream, written }
  }

  test('writes at once while the stream takes, then queues, then refuses', () => {
    const { stream, written } = fake(2)
    const writer = new StreamWriter<string>(stream, { maxQueued: 2 })
    expect(['a', 'b', 'c', 'd', 'e'].map((message) => writer.offer(message))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
    expect(written).toEqual(['a', 'b'])
    expect([writer.ready, writer.queued]).toEqual([false, 2])
  })

  test('sends what it held, in order, when the stream drains, as much as it takes', async () => {
    const { stream, written } = fake(1)
    const writer = new StreamWriter<string>(stream, { maxQueued: 3 })
    for (const message of ['a', 'b', 'c', 'd']) writer.offer(message)
    const drained = writer.drained()
    stream.takes = 2
    stream.emit('drain')
    expect(written).toEqual(['a', 'b', 'c'])
    expect(writer.queued).toBe(1)
    stream.takes = 9
    stream.emit('drain')
    await drained
    expect(written).toEqual(['a', 'b', 'c', 'd'])
  })

  test('ends the stream after what it held, and takes nothing more meanwhile', async () => {
    const { stream, written } = fake(1)
    const writer = new StreamWriter<string>(stream)
    for (const message of ['a', 'b']) writer.offer(message)
    const ended = writer.end()
    expect(writer.offer('c')).toBe(false)
    await expect(writer.write('d')).rejects.toMatchObject({ reason: 'STREAM_ENDED' })
    stream.takes = 9
    stream.emit('drain')
    await ended
    expect(written).toEqual(['a', 'b', 'end'])
  })

  test.each(['close', 'error', 'cancelled'])(
    'on %s waiting writers are told and the queue is freed',
    async (event) => {
      const { stream } = fake(1)
      const writer = new StreamWriter<string>(stream, { maxQueued: 1 })
      writer.offer('a')
      writer.offer('b')
      const write = writer.write('c')
      stream.emit(event)
      await expect(write).rejects.toMatchObject({ reason: 'STREAM_ENDED' })
      await expect(writer.drained()).rejects.toMatchObject({ reason: 'STREAM_ENDED' })
      expect(writer.offer('d')).toBe(false)
      expect([writer.ready, writer.queued]).toEqual([false, 0])
    },
  )
})
