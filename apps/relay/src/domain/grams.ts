/** The most words of a query; the rest is ignored. */
export const maxQueryWords = 8

const word = /[\p{L}\p{M}\p{N}]+/gu
/** Scripts written without spaces, where two characters are a word already. */
const dense =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

/** The form in which texts are compared: case, width and composition do not matter. */
export function searchForm(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** The words of a query, in search form. */
export function queryWords(query: string): string[] {
  return (searchForm(query).match(word) ?? []).slice(0, maxQueryWords)
}

/**
 * What an index knows of a text: pairs of neighbouring characters where one is of a dense script
 * (Han, Kana, Hangul, Thai), else runs of three. A word's grams are among those of every text with it.
 */
export function gramsOf(text: string): Set<string> {
  const grams = new Set<string>()
  for (const each of searchForm(text).match(word) ?? []) addGrams(grams, [...each])
  return grams
}

function addGrams(grams: Set<string>, chars: readonly string[]): void {
  let [before, last] = ['', '']
  let [beforeIsDense, lastIsDense] = [false, false]
  for (const char of chars) {
    const isDense = char > '\u0e00' && dense.test(char)
    if (last !== '' && (isDense || lastIsDense)) grams.add(last + char)
    if (before !== '' && !isDense && !lastIsDense && !beforeIsDense) grams.add(before + last + char)
    ;[before, last, beforeIsDense, lastIsDense] = [last, char, lastIsDense, isDense]
  }
}

/** True when the text has every one of the words, as `queryWords` gives them. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const form = searchForm(text)
  return words.every((each) => form.includes(each))
}
