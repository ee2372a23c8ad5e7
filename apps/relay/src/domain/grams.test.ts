import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { gramsOf, hasWords, maxQueryWords, queryWords } from './grams.ts'

describe('grams', () => {
  test.each([
    ['你好吗', ['你好', '好吗'], 'Han'],
    ['Hello', ['hel', 'ell', 'llo'], 'Latin in lower case'],
    ['ＡＢＣ', ['abc'], 'full width'],
    ['abc def', ['abc', 'def'], 'not across words'],
    ['a b c', [], 'nothing to join'],
    ['hahaha', ['hah', 'aha'], 'each once'],
    ['用tea茶', ['用t', 'tea', 'a茶'], 'two scripts in one word'],
    ['𠮷野家', ['𠮷野', '野家'], 'characters beyond 16 bits'],
  ])('of %s are %j: %s', (text, grams) => {
    expect([...gramsOf(text)]).toEqual(grams)
  })

  it('of a query are among those of every text that has its words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (word, one, two) => {
        const text = `${one}${word}${two}`
        const words = queryWords(word)
        if (!hasWords(text, words)) return
        const known = gramsOf(text)
        for (const each of words) for (const gram of gramsOf(each)) expect(known).toContain(gram)
      }),
    )
  })

  it('find words wherever they stand', () => {
    expect(hasWords('我们明天去北京', queryWords('北京 明天'))).toBe(true)
    expect(hasWords('Hello World', queryWords('WORLD hell'))).toBe(true)
    expect(hasWords('Hello World', queryWords('word'))).toBe(false)
  })

  it('take a bounded number of words', () => {
    expect(queryWords('a '.repeat(1000))).toHaveLength(maxQueryWords)
    expect(queryWords('!?')).toEqual([])
  })
})
