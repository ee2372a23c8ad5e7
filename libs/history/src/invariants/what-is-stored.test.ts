import { describe, expect, test } from 'vitest'
import { accepted, broken, entry, refused, stored, tries, unknown } from '../testing/story.ts'

describe('a sound history', () => {
  test('breaks nothing', () => {
    const story = [tries('a'), accepted('a', 1), tries('b', { by: 'bob' }), unknown('b', '', 'bob')]
    expect(broken(story, stored(entry('a')))).toEqual({})
    expect(broken(story, stored(entry('a'), entry('b', { by: 'bob' })))).toEqual({})
  })
})

describe('I1', () => {
  test('tells of an acknowledged message that is not there', () => {
    const found = broken(tries('a'), accepted('a', 1), stored())
    expect(found['I1']).toEqual(['a was accepted as 1, there is nothing'])
  })

  test('tells of one whose place another has', () => {
    const story = [tries('a'), accepted('a', 1), tries('b', { by: 'bob' })]
    const found = broken(story, stored(entry('b', { by: 'bob' })))
    expect(found['I1']).toEqual(['a was accepted as 1, there is b'])
  })

  test('tells of one by another sender under the same id', () => {
    const story = [tries('a'), accepted('a', 1), tries('a', { by: 'bob' })]
    expect(broken(story, stored(entry('a', { by: 'bob' })))['I1']).toHaveLength(1)
  })

  test('tells when nobody has read back where it should be', () => {
    expect(broken(tries('a'), accepted('a', 1))['I1']).toEqual(['c was not read back'])
  })
})

describe('I2', () => {
  test('tells of what nobody sent', () => {
    expect(broken(stored(entry('a')))['I2']).toEqual(['c 1: a was never sent by ann'])
  })

  test('tells of what was refused each time', () => {
    const story = [tries('a'), refused('a'), stored(entry('a'))]
    expect(broken(...story)['I2']).toEqual(['c 1: a was refused'])
  })

  test('lets stand what was refused once and open once', () => {
    const story = [tries('a'), unknown('a'), tries('a'), refused('a')]
    expect(broken(story, stored(entry('a')))).toEqual({})
  })

  test('tells of other words and another target', () => {
    const other = broken(tries('a'), stored(entry('a', { body: 'b' })))
    expect(other['I2']).toEqual(['c 1: a became b'])
    const moved = broken(
      tries('a', { kind: 'edit', target: 1 }),
      stored(entry('a', { kind: 'edit', target: 2 })),
    )
    expect(moved['I2']).toEqual(['c 1: a points elsewhere than it was sent to'])
  })

  test('tells of an erased entry that nobody took back', () => {
    const gone = entry('a', { kind: 'erased', body: '' })
    const found = broken(tries('a'), stored(gone))
    expect(found['I2']).toEqual(['c 1: is erased, but nobody has taken it back'])
    const recall = { kind: 'recall', target: 1, body: '' }
    expect(broken(tries('a'), tries('r', recall), stored(gone, entry('r', recall)))).toEqual({})
  })

  test('tells of an erased entry beside one that was taken back', () => {
    const erased = (id: string) => entry(id, { kind: 'erased', body: '' })
    const recall = { kind: 'recall', target: 1, body: '' }
    const log = stored(erased('a'), erased('b'), entry('r', recall))
    const found = broken(tries('a'), tries('b'), tries('r', recall), log)
    expect(found['I2']).toEqual(['c 2: is erased, but nobody has taken it back'])
  })

  test('lets stand the erased edits of what was taken back, and no others', () => {
    const erased = (id: string) => entry(id, { kind: 'erased', body: '' })
    const recall = { kind: 'recall', target: 1, body: '' }
    const after = (target: number) => [
      tries('a'),
      tries('b'),
      tries('e', { kind: 'edit', target }),
      tries('r', recall),
      ...stored(erased('a'), entry('b'), erased('e'), entry('r', recall)),
    ]
    expect(broken(after(1))).toEqual({})
    expect(broken(after(2))['I2']).toEqual(['c 3: is erased, but nobody has taken it back'])
  })
})

describe('I3', () => {
  test('tells of a message that stands twice', () => {
    const found = broken(tries('a'), stored(entry('a'), entry('a')))
    expect(found['I3']).toEqual(['a stands at c 1 and at c 2'])
  })

  test('tells of two answers to one message', () => {
    const story = [tries('a'), accepted('a', 1), tries('a'), accepted('a', 2)]
    expect(broken(story, stored(entry('a')))['I3']).toEqual(['a was accepted as c 1 and as c 2'])
  })
})

describe('I6', () => {
  test('tells of a number that is missing', () => {
    const late = { op: 'ok', f: 'log', conversation: 'c', first: 3, entries: [entry('b')] } as const
    const found = broken(tries('a'), tries('b'), stored(entry('a')), late)
    expect(found['I6']).toEqual(['c has no 2 but goes on to 3'])
  })
})

describe('I8', () => {
  test('tells of a sender’s messages in another order', () => {
    const story = [tries('a'), tries('b'), accepted('b', 1), accepted('a', 2)]
    expect(broken(story, stored(entry('b'), entry('a')))['I8']).toEqual(['b got 1 after a got 2'])
  })

  test('lets stand a repetition that was judged anew after a change of members', () => {
    const rejoined = { op: 'ok', f: 'member', change: 'join', conversation: 'c' } as const
    const story = [
      tries('a'),
      tries('b'),
      unknown('a', 'stream ended'),
      { ...rejoined, member: 'ann' },
      tries('a'),
      accepted('b', 1),
      accepted('a', 2),
    ]
    expect(broken(story, stored(entry('b'), entry('a')))['I8']).toBeUndefined()
  })
})

describe('I9', () => {
  test('tells of a later message with a lower number', () => {
    const story = [tries('a'), accepted('a', 2), tries('b', { by: 'bob' }), accepted('b', 1, 'bob')]
    const found = broken(story, stored(entry('b', { by: 'bob' }), entry('a')))
    expect(found['I9']).toEqual(['b got 1 when 2 was acknowledged'])
  })
})
