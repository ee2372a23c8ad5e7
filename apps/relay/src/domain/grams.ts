/** The most words of a query; the rest is ignored. */
export const maxQueryWords = 8

const wordChar = /[\p{L}\p{M}\p{N}]/u
const word = new RegExp(`${wordChar.source}+`, 'gu')
/** Scripts written without spaces, where two characters are a word already. */
const denseChar =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

/** No script has so many; sorting them takes the square of their number. */
const tooManyMarks = /(\p{M}{32})\p{M}+/gu

const [gap, sparse, dense] = [1, 2, 3]
// Filled as characters are met: asking a regular expression for each would be most of the work.
const kinds = new Uint8Array(0x11_0000)

/** The form in which texts are compared: case, width and composition do not matter, nor marks beyond 32 in a row. */
export function searchForm(text: string): string {
  return text.replace(tooManyMarks, '$1').normalize('NFKC').toLowerCase()
}

/** The words of a query, in search form. */
export function queryWords(query: string): string[] {
  return (searchForm(query).match(word) ?? []).slice(0, maxQueryWords)
}

/** True when the text has every one of the words, as `queryWords` gives them. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const form = searchForm(text)
  return words.every((each) => form.includes(each))
}

/**
 * Hot path, see docs/adr/0005: tells the grams of a text in search form, each as a hash of 32 bits, some
 * more than once. Grams are pairs of neighbouring characters of a word where one is of a dense script,
 * and runs of three and of four where none is. A word's grams are among those of every text with it.
 */
export function eachGram(form: string, take: (gram: number) => void): void {
  let [third, second, last] = [0, 0, 0]
  let lastKind = gap
  // How many sparse characters of one word came without a break.
  let run = 0
  for (let at = 0; at < form.length; at += 1) {
    const char = form.codePointAt(at) ?? 0
    if (char > 0xffff) at += 1
    const kind = kindOf(char)
    run = kind === sparse ? run + 1 : 0
    if (kind !== gap && lastKind !== gap && (kind === dense || lastKind === dense)) {
      take(mixed(Math.imul(last, 0x9e3779b1) + char))
    } else if (run >= 3) {
      const three = Math.imul(Math.imul(second, 0x9e3779b1) + last, 0x85ebca6b) + char
      take(mixed(three))
      if (run >= 4) take(mixed(Math.imul(three, 0xc2b2ae35) + third))
    }
    third = second
    second = last
    last = char
    lastKind = kind
  }
}

function kindOf(char: number): number {
  const known = kinds[char] ?? gap
  if (known !== 0) return known
  const text = String.fromCodePoint(char)
  const kind = !wordChar.test(text) ? gap : denseChar.test(text) ? dense : sparse
  kinds[char] = kind
  return kind
}

/** Spreads a number over 32 bits, none of them zero alone. */
export function mixed(number: number): number {
  let bits = number ^ (number >>> 16)
  bits = Math.imul(bits, 0x7feb352d)
  bits ^= bits >>> 15
  bits = Math.imul(bits, 0x846ca68b)
  return (bits ^ (bits >>> 16)) >>> 0 || 1
}
