import { lineOf } from '../checks.ts'

/** The title of a group within its bounds. */
export function titleOf(text: string): string {
  return lineOf(text, { field: 'title', maxBytes: 128, filled: true })
}
