/** The middle of several figures, and their extremes. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The spread of at least one figure. */
export function spread(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((one, other) => one - other)
  return {
    median: round((at(sorted, (sorted.length - 1) / 2) + at(sorted, sorted.length / 2)) / 2),
    min: round(at(sorted, 0)),
    max: round(at(sorted, sorted.length - 1)),
  }
}

/** The figure below which a share (0 to 1) of all figures lies; 0 when there are none. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = Float64Array.from(figures).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Four significant digits: more would pretend. */
export function round(figure: number): number {
  return Number(figure.toPrecision(4))
}

function at(sorted: readonly number[], place: number): number {
  const figure = sorted[Math.floor(place)]
  if (figure === undefined) throw new RangeError('there are no figures')
  return figure
}
