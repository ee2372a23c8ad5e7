/** How available somebody is, from least to most; the numbers are those of `presence.v1.State`. */
export const availability = { offline: 2, away: 3, busy: 4, online: 5 } as const

/** One of the numbers in `availability`. */
export type Availability = (typeof availability)[keyof typeof availability]

const known: ReadonlySet<number> = new Set(Object.values(availability))

/** True for a number that says how available somebody is. */
export function isAvailability(value: number): value is Availability {
  return known.has(value)
}
