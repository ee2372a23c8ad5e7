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

/** The bounds of the seed's hybrid P2P protocol. */
export const rendezvousLimits = {
  /** Members at once. */
  members: 500,
  /** Connections at once: of members, of who is about to be one, of who is being refused. */
  openConnections: 600,
  /** Connections of one IPv4 address or IPv6 /64. */
  connectionsPerAddress: 64,
  /** Logins that wait for their connections. */
  waiting: { addresses: 1_000, perAddress: 4, lifeMs: 10_000, turnMs: 3_000 },
  /** From the connection to the list, a password included. */
  admissionMs: 15_000,
  /** Bytes of a line, lines read ahead. */
  lineBytes: 1_024,
  waitingLines: 4,
  /** Lines of a member that say nothing, after which it is out. */
  linesOfMember: 16,
  /** Bytes that a client has not taken, beyond which it is out. */
  unreadBytes: 256 * 1024,
  /** How long a client may take to read why it ends. */
  lastWordsMs: 2_000,
  /** How long a connection is quiet before its other end is asked for. */
  keepAliveMs: 20_000,
  /** How often turns that are over are looked for. */
  sweepMs: 250,
  /** How often names are asked about again. */
  recheckMs: 60_000,
  datagramsOfAddress: { perSecond: 2, burst: 40 },
  datagrams: { perSecond: 500, burst: 2_000 },
  connectionsOfAddress: { perSecond: 1, burst: 40 },
  connections: { perSecond: 20, burst: 200 },
} as const
