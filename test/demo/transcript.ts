const names = new Map<string, string>()
// Cyan, yellow, magenta, green.
const colours = ['36', '33', '35', '32']
const plain = !process.stdout.isTTY || process.env['NO_COLOR'] !== undefined

/** A heading of the transcript. */
export function scene(title: string): void {
  console.log(`\n== ${title}`)
}

/** What somebody typed. */
export function typed(who: string, args: readonly string[]): void {
  console.log(`${coloured(who, `${who} $`)} parley ${args.map(quoted).join(' ')}`)
}

/** What somebody's command printed. */
export function printed(who: string, text: string): void {
  for (const line of text.trimEnd().split('\n').filter(Boolean)) {
    console.log(`${coloured(who, who)}   ${line}`)
  }
}

/** What appeared on the screen on which somebody watches. */
export function shown(who: string, text: string): void {
  console.log(`${coloured(who, who)} | ${text}`)
}

/** A fact that was checked. */
export function verified(fact: string): void {
  console.log(`   ok  ${fact}`)
}

function coloured(who: string, text: string): string {
  if (plain) return text.padEnd(who.length + 2)
  if (!names.has(who)) names.set(who, colours[names.size % colours.length] ?? '0')
  return `\u001b[${names.get(who)}m${text.padEnd(who.length + 2)}\u001b[0m`
}

function quoted(word: string): string {
  return /^[\w@./:=-]+$/.test(word) ? word : `'${word}'`
}
