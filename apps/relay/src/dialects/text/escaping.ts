/** A way to write text without some characters, and back again. */
export interface Escaping {
  /** The text without those characters, readable all the same. */
  readonly escape: (text: string) => string
  /** What was escaped, exactly; other text as its pictures say. */
  readonly unescape: (text: string) => string
}

/** After a picture: this is the sign itself. Nobody sees it. */
const mark = '\u2060'

/** Characters, and the pictures that stand for them. */
type Pairs = readonly (readonly [string, string])[]

// Who reads lines finds one in each answer. Other controls have been made visible before.
const lineEnds: Pairs = [
  ['\n', '↵'],
  ['\r', '␍'],
]
const separators: Pairs = [
  ['|', '｜'],
  ['@', '＠'],
]
const comma: Pairs = [[',', '，']]

/** Texts of answers, whose fields end at bars and at-signs. */
export const textEscaping = escaping([...lineEnds, ...separators])
/** Names of people and groups, which stand in lists and come back between commas. */
export const nameEscaping = escaping([...lineEnds, ...separators, ...comma])
/** Texts of requests: the last field of a line, which holds anything but line ends. */
export const lineEscaping = escaping(lineEnds)

/**
 * Each character becomes its picture. A picture that stood in the text is followed by a mark, and
 * marks that stood after either are doubled: so an odd number of marks says "the sign itself".
 */
function escaping(pairs: Pairs): Escaping {
  const pictureOf = new Map(pairs)
  const charOf = new Map(pairs.map(([char, picture]) => [picture, char]))
  const after = (signs: Iterable<string>) => new RegExp(`([${[...signs].join('')}])(${mark}*)`, 'g')
  const risky = after([...pictureOf.keys(), ...charOf.keys()])
  const pictures = after(charOf.keys())
  return {
    escape: (text) =>
      text.replaceAll(risky, (_, sign: string, marks: string) => {
        const picture = pictureOf.get(sign)
        return (picture ?? sign + mark) + marks + marks
      }),
    unescape: (text) =>
      text.replaceAll(pictures, (_, picture: string, marks: string) => {
        const isItself = marks.length % 2 === 1
        const sign = isItself ? picture : (charOf.get(picture) ?? picture)
        return sign + mark.repeat(Math.floor(marks.length / 2))
      }),
  }
}
