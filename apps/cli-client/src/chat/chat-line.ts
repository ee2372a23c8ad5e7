/** What a typed line asks for. */
export type ChatLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'command'; readonly name: string; readonly rest: string }

/** Reads a line: `/name rest` is a command, `//x` says `/x`, anything else is said. */
export function parseChatLine(line: string): ChatLine {
  const text = line.trim()
  if (text === '') return { kind: 'nothing' }
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) }
  if (!text.startsWith('/')) return { kind: 'say', text }
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/su.exec(text) ?? []
  return { kind: 'command', name: name.toLowerCase(), rest }
}

/** The first `count` words of a text and what is left after them. */
export function firstWords(text: string, count: number): { words: string[]; rest: string } {
  const words: string[] = []
  let rest = text.trim()
  while (words.length < count && rest !== '') {
    const [, word = '', after = ''] = /^(\S+)\s*(.*)$/su.exec(rest) ?? []
    words.push(word)
    rest = after
  }
  return { words, rest }
}

const quoted = /"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s\\]|\\.)+)/gsu

/** Paths as a shell would part them: quotes and backslashes keep spaces. */
export function splitPaths(text: string): string[] {
  return [...text.matchAll(quoted)].map(([, double, single, bare]) =>
    single !== undefined ? single : (double ?? bare ?? '').replaceAll(/\\(.)/gsu, '$1'),
  )
}
