import { withoutLookAlikes } from './confusables.ts'

/** The most characters (code points) of a user's name. */
export const maxNameChars = 32
/** The longest text that is read as a name: some characters are one only when they are put together. */
const maxTextUnits = maxNameChars * 4

/** A name that may be registered, as shown and as compared. */
export interface Name {
  /** In Unicode's form NFKC, as shown. */
  readonly name: string
  /** The same for names that differ in case or form only. */
  readonly key: string
  /** The same for names that look alike. */
  readonly skeleton: string
}

/** Why a name is refused, with the sentence that people see. */
export const nameReasons = {
  NAME_EMPTY: 'A name has at least one character.',
  NAME_TOO_LONG: `A name has at most ${maxNameChars} characters.`,
  NAME_CHARACTERS:
    'A name holds letters and digits, with . _ - between them; no spaces, no invisible characters.',
  NAME_MIXED_SCRIPTS: 'A name does not mix alphabets that look alike.',
  NAME_RESERVED: 'This name is reserved.',
} as const

export type NameReason = keyof typeof nameReasons

const shape = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u
// Some letters are invisible (Hangul fillers), as are some marks (variation selectors).
const invisible = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}|\p{White_Space}/u
const tooManyMarks = /\p{M}{3}/u

const eastAsian = ['Latin', 'Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo']
const otherScripts = [
  'Greek Cyrillic Armenian Georgian Hebrew Arabic Thaana Syriac Devanagari Bengali Gurmukhi',
  'Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Khmer',
  'Mongolian Ethiopic Yi',
].flatMap((line) => line.split(' '))
const oneScript = [eastAsian, ...otherScripts.map((script) => [script])].map(scriptsOnly)

const reserved = new Set(
  [
    'server admin administrator root system operator moderator support parley official security',
    'help everyone all here me self 系统 系统管理员 系统消息 管理员 服务器 官方 客服',
  ]
    .flatMap((line) => line.split(' '))
    .map(reservedForm),
)

/** The name in its stored forms, or why it cannot be one. */
export function parseName(text: string): Name | NameReason {
  if (text.length > maxTextUnits) return 'NAME_TOO_LONG'
  const name = text.isWellFormed() ? text.normalize('NFKC') : text
  const chars = Array.from(name).length
  if (chars === 0) return 'NAME_EMPTY'
  if (chars > maxNameChars) return 'NAME_TOO_LONG'
  if (!shape.test(name) || invisible.test(name) || tooManyMarks.test(name.normalize('NFD'))) {
    return 'NAME_CHARACTERS'
  }
  if (!oneScript.some((only) => only.test(name))) return 'NAME_MIXED_SCRIPTS'
  const skeleton = skeletonOf(name)
  if (reserved.has(reservedForm(name))) return 'NAME_RESERVED'
  return { name, key: nameKey(name), skeleton }
}

/** The form under which a name is looked up, for any text; what is too long for a name is cut. */
export function nameKey(text: string): string {
  // Sorting marks takes the square of their number.
  const start = text.slice(0, maxTextUnits)
  // Upper case first: it makes ß and ss, σ and ς, ı and i the same.
  const upper = start.normalize('NFKC').toUpperCase()
  return upper.toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}

function skeletonOf(name: string): string {
  return withoutLookAlikes(name).normalize('NFD')
}

// Stricter than the skeleton: nobody passes for the server by case, nor by 1, l and i.
function reservedForm(name: string): string {
  return skeletonOf(nameKey(name)).replaceAll('i', 'l')
}

function scriptsOnly(scripts: readonly string[]): RegExp {
  const each = ['Common', 'Inherited', ...scripts].map(
    (script) => `\\p{Script_Extensions=${script}}`,
  )
  return new RegExp(`^[${each.join('')}]*$`, 'u')
}
