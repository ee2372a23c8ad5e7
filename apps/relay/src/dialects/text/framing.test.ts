import { FakeScheduler } from '@parley/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Requests, longPauseMs, maxRequestBytes, pauseMs } from './framing.ts'

/** Requests, and all that has been taken of them; as a dialect does, it takes when something came. */
function setup() {
  const scheduler = new FakeScheduler()
  const taken: string[] = []
  const take = () => {
    for (;;) {
      const request = requests.next()
      if (request === undefined) return
      taken.push(request.toString())
      if (request === 'too long') return
    }
  }
  const requests = new Requests(scheduler, take)
  const read = (text: string) => {
    requests.push(Buffer.from(text))
    take()
  }
  const wait = (ms: number) => scheduler.advanceSync(ms)
  const end = () => {
    requests.end()
    take()
  }
  return { scheduler, requests, taken, read, wait, end }
}

describe('a client that ends lines', () => {
  test('has a request in each, however they come', () => {
    const { requests, taken, read } = setup()
    read('101|ann,x\r\n102|\n103|ann')
    expect(taken).toEqual(['101|ann,x', '102|'])
    read(',bob,hi')
    read('\n')
    expect(taken).toEqual(['101|ann,x', '102|', '103|ann,bob,hi'])
    expect(requests.endsLines).toBe(true)
  })

  test('is held to lines: silence ends nothing', () => {
    const { scheduler, taken, read, wait } = setup()
    read('102|\n103|ann,bob,')
    expect(scheduler.pendingTimers).toBe(0)
    wait(60_000)
    read('slowly\n')
    expect(taken).toEqual(['102|', '103|ann,bob,slowly'])
  })

  test('and types its first one byte by byte is understood', () => {
    const { taken, read, wait } = setup()
    for (const char of '101|ann,x\n102|\n') {
      read(char)
      wait(pauseMs - 1)
    }
    expect(taken).toEqual(['101|ann,x', '102|'])
  })

  test('and ends in the middle of one has said it', () => {
    const { requests, taken, read, end } = setup()
    read('102|\n102|')
    end()
    expect(taken).toEqual(['102|', '102|'])
    expect(requests.isDone).toBe(true)
  })

  test('gets its lines whatever the reads are', () => {
    const lines = fc.array(fc.constantFrom('102|', '', '103|a,b,c,|@', '101|ann,x'), {
      minLength: 1,
    })
    const cuts = fc.array(fc.nat(40))
    fc.assert(
      fc.property(lines, cuts, fc.constantFrom('\n', '\r\n'), (said, lengths, lineEnd) => {
        const { taken, read } = setup()
        let rest = said.map((line) => line + lineEnd).join('')
        for (const length of lengths) {
          read(rest.slice(0, length))
          rest = rest.slice(length)
        }
        read(rest)
        expect(taken).toEqual(said)
      }),
    )
  })
})

describe("the seed's client, which ends nothing", () => {
  test('is heard after a moment of silence', () => {
    const { requests, taken, read, wait } = setup()
    read('101|ann,x')
    wait(pauseMs - 1)
    expect(taken).toEqual([])
    wait(1)
    expect(taken).toEqual(['101|ann,x'])
    expect(requests.endsLines).toBe(false)
  })

  test('may write lines of text', () => {
    const { taken, read, wait } = setup()
    read('101|ann,x')
    wait(pauseMs)
    read('103|ann,bob,one\ntwo')
    wait(pauseMs)
    expect(taken).toEqual(['101|ann,x', '103|ann,bob,one\ntwo'])
  })

  test('has longer for what may come in several packets', () => {
    const { taken, read, wait } = setup()
    read('101|ann,x')
    wait(pauseMs)
    read(`103|ann,bob,${'x'.repeat(1_400)}`)
    wait(longPauseMs - 1)
    read('y')
    wait(longPauseMs)
    expect(taken[1]).toBe(`103|ann,bob,${'x'.repeat(1_400)}y`)
  })

  test('is one that ends lines after all, on a slow line: it gets lines from then on', () => {
    const { requests, taken, read, wait } = setup()
    read('101|an')
    wait(pauseMs)
    read('n,x\n')
    wait(pauseMs)
    expect(requests.endsLines).toBe(true)
    read('101|ann,x\r\n102|\r\n103|ann,bob,hi\r\n')
    wait(pauseMs)
    expect(taken).toEqual(['101|an', 'n,x', '101|ann,x', '102|', '103|ann,bob,hi'])
  })

  test('ends a request by going', () => {
    const { taken, read, end, scheduler } = setup()
    read('101|ann,x')
    end()
    expect(taken).toEqual(['101|ann,x'])
    expect(scheduler.pendingTimers).toBe(0)
  })
})

describe('a request that is too long', () => {
  test.each([
    { note: 'without a line end', before: '' },
    { note: 'of a client that ends lines', before: '102|\n' },
  ])('is none: $note', ({ before }) => {
    const { taken, read } = setup()
    read(before)
    read('x'.repeat(maxRequestBytes + 3))
    expect(taken.at(-1)).toBe('too long')
  })

  test('with its line end is none', () => {
    const { taken, read } = setup()
    read(`${'x'.repeat(maxRequestBytes + 3)}\n`)
    expect(taken).toEqual(['too long'])
  })

  test('by less than its line end is one', () => {
    const { taken, read } = setup()
    read(`${'x'.repeat(maxRequestBytes)}\r\n`)
    expect(taken[0]).toHaveLength(maxRequestBytes)
  })

  test("is none of the seed's client either", () => {
    const { taken, read, wait } = setup()
    read('101|ann,x')
    wait(pauseMs)
    read('y'.repeat(maxRequestBytes + 3))
    expect(taken.at(-1)).toBe('too long')
  })
})

test('more requests than may wait fill it, and it has room again when they are taken', () => {
  const { requests } = setup()
  requests.push(Buffer.from('102|\n'.repeat(11_000)))
  expect(requests.isFull).toBe(true)
  for (let i = 0; i < 1_000; i += 1) requests.next()
  expect(requests.isFull).toBe(false)
})

test('a silence in which nobody listens ends no request', () => {
  const { requests, taken, read, wait, scheduler } = setup()
  read('101|ann,x')
  wait(pauseMs)
  const many = Math.ceil(maxRequestBytes / 5) + 10
  requests.push(Buffer.from('102|\n'.repeat(many) + '103|ann,bob,half'))
  expect(requests.isFull).toBe(true)
  scheduler.advanceSync(longPauseMs)
  requests.next()
  while (requests.next() !== undefined);
  read(' and half')
  wait(longPauseMs)
  expect(taken.at(-1)).toBe('103|ann,bob,half and half')
})
