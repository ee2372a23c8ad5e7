// A run of more marks than any script stacks on one letter is there to smear the screen.
const maxMarks = 6

/** The most combining marks that stay on one character. */
export const combiningMarksLimit = maxMarks

// The tags inside the flags of England, Scotland and Wales are the only ones with a meaning left.
const flag = String.raw`\u{1F3F4}[\u{E0020}-\u{E007E}]{1,6}\u{E007F}`
const marks = String.raw`[\p{M}\u200C\u200D]+`
const controls = String.raw`[\p{Cc}\p{Zl}\p{Zp}]`
const formats = String.raw`[\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]`
const risky = new RegExp(`(${flag})|(${marks})|(${controls}|${formats})`, 'gu')

/**
 * The text as it may go to a terminal, whoever wrote it: escapes, controls, bidi and other
 * invisible characters become visible signs, piles of combining marks are cut. Newlines stay.
 */
export function visible(text: string): string {
  return text.replaceAll(risky, replaceRun)
}

/** As `visible`, for what must stay on one line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\u{2424}')
}

function replaceRun(whole: string, flagRun?: string, markRun?: string): string {
  if (flagRun !== undefined) return whole
  if (markRun !== undefined) return [...whole].slice(0, maxMarks).join('')
  return sign(whole)
}

function sign(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (char === '\n') return char
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u{2421}'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/** JSON on one line, its controls and invisible characters as escapes: the same value for a program. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits)
}

function escapeUnits(char: string): string {
  const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
