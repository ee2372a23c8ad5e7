import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { eachGram, hasWords, maxQueryWords, queryWords, searchForm } from './grams.ts'

function gramsOf(text: string): Set<number> {
  const grams = new Set<number>()
  eachGram(searchForm(text), (gram) => void grams.add(gram))
  return grams
}

describe('grams', () => {
  it('are made of a text that is all marks without taking the square of its length', () => {
    const text = `ann${'\u0315'.repeat(60_000)}${'\u0316'.repeat(60_000)} bob`
    expect(searchForm(text)).toBe(`ann${'\u0315'.repeat(32)} bob`)
    expect(hasWords(text, queryWords('bob'))).toBe(true)
  })

  test.each([
    ['你好吗', 2, 'Han in pairs'],
    ['Hello', 5, 'Latin in threes and fours'],
    ['ok', 0, 'nothing that short in Latin'],
    ['用tea茶', 3, 'two scripts in one word: two pairs and a three'],
    ['ab cd', 0, 'not across words'],
    ['ab你 好cd', 2, 'nor across words of two scripts'],
    ['hahahaha', 4, 'each once'],
    ['𠮷野家', 2, 'characters beyond 16 bits'],
    ['สวัสดี', 5, 'Thai in pairs'],
  ])('of %s are %i: %s', (text, count) => {
    expect(gramsOf(text).size).toBe(count)
  })

  test.each([
    ['ＡＢＣ', 'abc', 'width'],
    ['HELLO', 'hello', 'case'],
    ['cafe\u0301', 'caf\u00e9', 'composition'],
    ['ﾊﾝ', 'ハン', 'width of Kana'],
  ])('do not depend on how %s is written: %s', (one, other) => {
    expect(gramsOf(one)).toEqual(gramsOf(other))
  })

  it('of a query are among those of every text that has its words', () => {
    const unit = fc.oneof(
      fc.constantFrom('a', 'b', '你', '好', ' ', '𠮷', 'ก', 'Ａ', '9'),
      fc.string(),
    )
    const some = fc.array(unit, { maxLength: 8 }).map((all) => all.join(''))
    fc.assert(
      fc.property(some, some, some, (query, one, two) => {
        const text = `${one}${query}${two}`
        const words = queryWords(query)
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
