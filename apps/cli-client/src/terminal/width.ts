const segmenter = new Intl.Segmenter()

const wide =
  /^(?:[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{16FE0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)/u
const nothing = /^[\p{M}\p{Cf}]+$/u

/** How many columns a terminal gives to the text; Han and emoji take two. */
export function textWidth(text: string): number {
  let columns = 0
  for (const { segment } of segmenter.segment(text)) columns += segmentWidth(segment)
  return columns
}

function segmentWidth(segment: string): number {
  if (nothing.test(segment)) return 0
  return wide.test(segment) ? 2 : 1
}

/** The text padded with spaces to `columns`; longer ones stay as they are. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)))
}

/** The text cut to at most `columns`, with an ellipsis where something was cut. */
export function cutColumns(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let kept = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += segmentWidth(segment)
    if (used > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}
