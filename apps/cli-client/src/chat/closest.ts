/** The word that `typed` probably was, or undefined when none is near. */
export function closest(typed: string, words: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const near = words.map((word) => ({ word, steps: distance(typed, word) }))
  return near.filter(({ steps }) => steps <= limit).toSorted((a, b) => a.steps - b.steps)[0]?.word
}

// Levenshtein's: how many letters must be put in, left out or exchanged.
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1]
    for (let column = 0; column < to.length; column += 1) {
      const exchange = (row[column] ?? 0) + (letter === to[column] ? 0 : 1)
      next.push(Math.min(exchange, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
