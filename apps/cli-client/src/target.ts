import { AppError } from '@parley/errors'
import { UsageError } from './exit-code.ts'

/** A TARGET as typed: somebody, a group, a conversation, or one's own notices. */
export type TargetWords =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'group'; readonly title: string }
  | { readonly kind: 'conversation'; readonly conversationId: string }
  | { readonly kind: 'notices' }

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Reads `@name`, `#group`, a conversation id or `notices`; throws `UsageError` for anything else. */
export function parseTarget(text: string): TargetWords {
  const rest = text.slice(1)
  if (text.startsWith('@') && rest !== '') return { kind: 'user', name: rest }
  if (text.startsWith('#') && rest !== '') return { kind: 'group', title: rest }
  if (text === 'notices') return { kind: 'notices' }
  if (isId(text)) return { kind: 'conversation', conversationId: text.toLowerCase() }
  throw new UsageError(
    `"${text}" is no target: write @name, '#group' (quoted) or a conversation id`,
  )
}

/** True for the text of an id. */
export function isId(text: string): boolean {
  return uuid.test(text)
}

/** The text of an id as typed; throws `UsageError` for anything else. */
export function parseId(text: string): string {
  if (isId(text)) return text.toLowerCase()
  throw new UsageError(`"${text}" is no id`)
}

/** A group one may mean by its title. */
export interface TitledGroup {
  readonly conversationId: string
  readonly title: string
  readonly dissolved: boolean
}

/**
 * The one group that a title or its beginning means, exact titles and living groups first; throws
 * `AppError` (not-found, NO_SUCH_GROUP), or (conflict, AMBIGUOUS_TARGET) listing the ids.
 */
export function matchGroup<G extends TitledGroup>(groups: readonly G[], title: string): G {
  const wanted = fold(title)
  const exact = groups.filter((group) => fold(group.title) === wanted)
  const close = exact.length > 0 ? exact : groups.filter((g) => fold(g.title).startsWith(wanted))
  const living = close.filter((group) => !group.dissolved)
  const [found, second] = living.length > 0 ? living : close
  if (!found) throw new AppError('not-found', 'NO_SUCH_GROUP', `you are in no group "${title}"`)
  if (second) throw ambiguous(title, living.length > 0 ? living : close)
  return found
}

function ambiguous(title: string, groups: readonly TitledGroup[]): AppError {
  const list = groups.map((group) => `  ${group.conversationId}  ${group.title}`).join('\n')
  return new AppError('conflict', 'AMBIGUOUS_TARGET', `"${title}" may mean each of these:\n${list}`)
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
