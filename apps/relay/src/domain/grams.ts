/** The most words of a query; the rest is ignored. */
export const maxQueryWords = 8

const word = /[\p{L}\p{M}\p{N}]+/gu

/** The form in which texts are compared: case, width and composition do not matter. */
export function searchForm(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** The words of a query, in search form. */
export function queryWords(query: string): string[] {
  return (searchForm(query).match(word) ?? []).slice(0, maxQueryWords)
}

/** The distinct pairs of neighbouring characters of a text's words: what the index knows of it. */
export function gramsOf(text: string): string[] {
  const grams = new Set<string>()
  for (const each of searchForm(text).match(word) ?? []) {
    let before = ''
    for (const char of each) {
      if (before !== '') grams.add(before + char)
      before = char
    }
  }
  return [...grams]
}

/** True when the text has every one of the words, as `queryWords` gives them. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const form = searchForm(text)
  return words.every((each) => form.includes(each))
}
