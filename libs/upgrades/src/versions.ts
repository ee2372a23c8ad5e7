import { compare, valid } from 'semver'

const maxVersionChars = 64

/** True for a version as semver.org writes it, without a `v` before and a build after it. */
export function isVersion(text: string): boolean {
  return text.length <= maxVersionChars && valid(text) === text
}

/** True when the first version comes after the second one. */
export function isNewer(version: string, than: string): boolean {
  return compare(version, than) > 0
}
