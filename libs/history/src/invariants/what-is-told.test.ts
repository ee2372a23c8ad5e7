import { describe, expect, test } from 'vitest'
import {
  accepted,
  at,
  broken,
  caughtUp,
  connects,
  entry,
  phase,
  refused,
  stored,
  told,
  tries,
  unknown,
} from '../testing/story.ts'

const [a, b, c] = [entry('a'), entry('b'), entry('c')]
const sent = [tries('a'), tries('b'), tries('c')]
const all = stored(a, b, c)

describe('I4 and I7', () => {
  test('tell of an entry that comes twice by one stream', () => {
    const found = broken(sent, connects('bob'), told('bob', 1, [a, b]), told('bob', 2, [b]), all)
    expect(found['I4']).toEqual(['bob-1 was told b at c 2 twice'])
    expect(found['I7']).toEqual(['bob-1 was told c 2 after 2 (bob-1/1)'])
  })

  test('tell of what the device had said it has', () => {
    const found = broken(sent, connects('bob', 2), told('bob', 2, [b, c]), all)
    expect(found['I7']).toEqual(['bob-1 was told c 2 after 2 (bob-1/1)'])
  })

  test('tell of one message at two places', () => {
    const story = [connects('bob'), told('bob', 1, [a]), connects('bob', 1, 2)]
    const found = broken(sent, story, told('bob', 2, [a], 2), all)
    expect(found['I4']).toEqual(['bob-1 was told a at c 1 and at c 2'])
  })

  test('let stand what the device asked for again, and its own that follows the acknowledgement', () => {
    const pull = { op: 'invoke', f: 'pull', conversation: 'c', after: 0 } as const
    const bob = { client: 'bob-1', user: 'bob', device: 'bob-1', session: 'bob-1/1' }
    const again = [connects('bob'), told('bob', 1, [a, b, c]), { ...pull, ...bob }]
    expect(broken(sent, again, told('bob', 1, [a, b, c]), all)).toEqual({})
    const own = [tries('a'), connects('ann', 0), accepted('a', 1), told('ann', 1, [a])]
    expect(broken(own, stored(a))).toEqual({})
    expect(broken(own, told('ann', 1, [a]), stored(a))['I7']).toHaveLength(1)
  })
})

describe('I5', () => {
  test('tells of an entry that somebody saw otherwise', () => {
    const found = broken(sent, connects('bob'), told('bob', 1, [b]), all)
    expect(found['I5']).toEqual(['bob-1 saw b (b) at 1, stored is a (a)'])
  })

  test('tells of what was shown and is stored no more', () => {
    const found = broken(tries('a'), connects('bob'), told('bob', 1, [a]), stored())
    expect(found['I5']).toEqual(['bob-1 saw a (a) at 1, stored is nothing'])
  })

  test('lets an entry be erased', () => {
    const recall = { kind: 'recall', target: 1, body: '' }
    const gone = entry('a', { kind: 'erased', body: '' })
    const story = [tries('a'), connects('bob'), told('bob', 1, [a]), tries('r', recall)]
    expect(broken(story, stored(gone, entry('r', recall)))).toEqual({})
  })
})

describe('I11', () => {
  test('tells of an own message that another stream is caught up without', () => {
    const story = [tries('a'), accepted('a', 1), connects('ann', undefined, 2), caughtUp('ann', 2)]
    const found = broken(story, stored(a))
    expect(found['I11']).toEqual(['ann-1 was caught up with c 0, its own 1 was missing'])
  })
})

describe('I13', () => {
  test('tells of a hole', () => {
    const found = broken(sent, connects('bob'), told('bob', 1, [a]), told('bob', 3, [c]), all)
    expect(found['I13']).toEqual(['bob-1 was told c 3 after 1 (bob-1/1)'])
  })

  test('tells of a backlog that was called complete too early', () => {
    const before = [tries('a'), tries('b'), accepted('a', 1), accepted('b', 2)]
    const story = [...before, connects('bob'), told('bob', 1, [a]), caughtUp('bob')]
    const found = broken(story, told('bob', 2, [b]), stored(a, b))
    expect(found['I13']).toEqual(['bob-1 was called caught up at c 1 of 2 (bob-1/1)'])
  })

  test('asks for nothing that was acknowledged after the stream began', () => {
    const story = [tries('a'), connects('bob'), accepted('a', 1), caughtUp('bob')]
    expect(broken(story, stored(a))).toEqual({})
  })
})

describe('I22', () => {
  test('tells of an attempt without an answer', () => {
    const begin = [connects('ann', 0), at(20, tries('a'))]
    const found = broken(begin, at(30_000, accepted('a', 1)), stored(a).map(late))
    expect(found['I22']).toEqual(['a had no answer after 29980 ms (ann-1/1)'])
    const never = broken(begin, stored(a).map(late))
    expect(never['I22']).toHaveLength(1)
  })

  test('lets stand what a lost stream has left open', () => {
    const over = { op: 'info', f: 'closed', why: 'cut' } as const
    const begin = [connects('ann', 0), at(20, tries('a')), at(40_000, over)]
    expect(broken(begin, at(40_000, unknown('a', 'stream ended')), stored().map(late))).toEqual({})
  })

  test('tells of a message that is still open when all is healed', () => {
    const story = [at(0, tries('a')), at(5, refused('a', 'PREDECESSOR')), phase('heal', 10)]
    const found = broken(story, phase('end', 20_000), stored().map(late))
    expect(found['I22']).toEqual(['a was neither accepted nor refused in the end'])
  })
})

describe('I23', () => {
  const begin = [at(0, connects('bob')), at(1, tries('a')), at(2, accepted('a', 1))]

  test('tells of a device that has not everything 10 s after the healing', () => {
    const story = [...begin, phase('heal', 10), at(12_000, told('bob', 1, [a]))]
    const found = broken(story, phase('end', 13_000), stored(a).map(late))
    expect(found['I23']).toEqual(['bob-1 had c 0 of 1 (bob-1/1)'])
  })

  test('lets those be who left or were sent away', () => {
    const bob = { client: 'bob-1', user: 'bob', device: 'bob-1', session: 'bob-1/1' }
    const over = { ...bob, op: 'info', f: 'closed', why: 'kicked REVOKED' } as const
    const story = [...begin, at(5, over), phase('heal', 10), phase('end', 13_000)]
    expect(broken(story, stored(a).map(late))).toEqual({})
  })

  test('tells of a run that gave nobody the time', () => {
    const found = broken(begin, phase('heal', 10), phase('end', 5_000), stored(a).map(late))
    expect(found['I23']).toEqual(['the run ended before anybody could converge'])
  })
})

function late(line: ReturnType<typeof stored>[number]) {
  return at(50_000, line)
}
