/**
 * Characters that look alike, each with the Latin letters it is taken for; upper case where only
 * the upper-case form does. The choice follows Unicode TR 39 for Latin, Greek and Cyrillic.
 */
const lookAlikes = table(
  // Digits and letters of one shape.
  '0o 1l Il mrn wvv',
  // Latin letters beside the alphabet.
  'ıi ɑa ɡg ɩi ɪi ʏy ƽs ǀl ɯvv ʋv ɗd łl øo đd ħh ŧt ʀr ɴn ʜh ɢg ʙb ʟl ſf',
  // Greek, lower case.
  'αa γy εe ηn ιi κk νv οo ρp σo ςc τt υu χx ωvv ϲc ϳj',
  // Greek, upper case.
  'Αa Βb Εe Ζz Ηh Ιl Κk Μrn Νn Οo Ρp Τt Υy Χx Ϲc Ϝf',
  // Cyrillic, lower case.
  'аa вb гr дd еe ёe з3 иu кk мrn нh оo пn рp сc тt уy хx шvv ьb ѕs іi їi јj ԁd ԛq ԝvv һh',
  'ӏl ғf ѵv үy эe',
  // Cyrillic, upper case where it differs from the lower case.
  'Іl Ӏl Һh Ғf Үy Пn Гr',
)

/** A text with every character replaced by the Latin letters that it is taken for. */
export function withoutLookAlikes(text: string): string {
  return Array.from(text, (char) => latin(char)).join('')
}

function latin(char: string): string {
  const lower = char.toLowerCase()
  const alike = lookAlikes.get(char) ?? lookAlikes.get(lower)
  if (alike !== undefined) return alike
  // A letter with accents of which only the letter is a look-alike.
  const [base = lower, ...marks] = lower.normalize('NFD')
  return (lookAlikes.get(base) ?? base) + marks.join('')
}

// Written as the character followed by what it is taken for.
function table(...lines: readonly string[]): ReadonlyMap<string, string> {
  const pairs = lines.flatMap((line) => line.split(' '))
  return new Map(pairs.map((pair) => [pair.slice(0, 1), pair.slice(1)]))
}
