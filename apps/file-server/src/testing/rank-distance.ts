/**
 * How far apart two sets of measurements are, in standard deviations of the Mann-Whitney rank sum:
 * about 0 to 3 for the same thing measured twice, whatever its distribution, with any outliers.
 */
export function rankDistance(one: readonly number[], other: readonly number[]): number {
  const wins = one.reduce((sum, a) => sum + other.reduce((all, b) => all + winOf(a, b), 0), 0)
  const pairs = one.length * other.length
  const deviation = Math.sqrt((pairs * (one.length + other.length + 1)) / 12)
  return Math.abs(wins - pairs / 2) / deviation
}

function winOf(a: number, b: number): number {
  if (a === b) return 0.5
  return a > b ? 1 : 0
}
