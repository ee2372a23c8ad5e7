import { uuidText } from '@parley/service-kit'
import { visibleLine } from '@parley/words'
import { bytesKey } from '../domain/bytes.ts'
import type { Place } from '../domain/place.ts'

/** What stands before the title of a group. No name of a user holds it. */
const groupSign = '#'
/** So many last characters of its id tell a group from another of the same title. */
const idChars = 6
/** A title that could be taken for another one with the end of an id. */
const endsAsLabel = /~[0-9a-f]{6}$/
const group = 2

/** A group as it is addressed where there are no ids. */
export interface LabelledGroup {
  /** `#title`, or `#title~1a2b3c` where two have one title. */
  readonly label: string
  readonly id: Uint8Array
}

/** The groups that somebody is in, with labels that differ; `renamed` has newer titles by the bytes of ids. */
export function labelledGroups(
  places: Iterable<Place>,
  renamed: ReadonlyMap<string, string>,
): LabelledGroup[] {
  const current = [...places].filter(isCurrentGroup).map(({ publicId, title }) => {
    return { id: publicId, label: titleLabel(renamed.get(bytesKey(publicId)) ?? title) }
  })
  const counts = new Map<string, number>()
  for (const { label } of current) counts.set(label, (counts.get(label) ?? 0) + 1)
  return current.map(({ id, label }) => {
    const isUnique = counts.get(label) === 1 && !endsAsLabel.test(label)
    return { id, label: isUnique ? label : labelWithId(label, id) }
  })
}

/** The label of a title that nobody else has. */
export function titleLabel(title: string): string {
  return `${groupSign}${visibleLine(title)}`
}

/** The label of a title that others may have, too. */
export function labelWithId(label: string, id: Uint8Array): string {
  return `${label}~${uuidText(id).slice(-idChars)}`
}

/** The label in what a plain client writes to: what stands before it is the name of the one it answers. */
export function labelIn(to: string): string | undefined {
  const at = to.indexOf(groupSign)
  return at < 0 ? undefined : to.slice(at)
}

function isCurrentGroup({ kind, stays }: Place): boolean {
  return kind === group && stays.at(-1)?.to === Infinity
}
