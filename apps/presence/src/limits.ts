/** The bounds of presence that are not configuration; docs/limits.md has a row for each. */
export const presenceLimits = {
  /** How often changes are published and ended things looked for. */
  tickMs: 100,
  /** How often a relay must report at least. */
  heartbeatMs: 1_500,
  /** How long a relay is believed after its last report. */
  leaseMs: 5_000,
  /** How long a dropped connection still counts. */
  graceMs: 5_000,
  /** How often readers of each shard get a sign of life. */
  beaconMs: 5_000,
  /** Ticks later than this mean that this process stood still and heard nobody. */
  deafMs: 500,
  /** Devices in one report. */
  devicesPerReport: 1_000,
  /** Users in one page, query or batch of transitions. */
  usersPerAnswer: 1_000,
  /** Changes published in one tick; the others follow in the next. */
  transitionsPerTick: 20_000,
  /** Characters of a relay's name. */
  relayNameChars: 64,
  /** Streams of reports open at once, for each relay that may report. */
  streamsPerRelay: 2,
} as const
