/** What relays agree on when several serve one database; with one relay they hold as well. */
export const leasesAndKeys: readonly string[] = [
  // Who does what only one may do, and until when.
  `create table leases (
    name text primary key,
    holder text not null,
    until_ms integer not null
  ) strict, without rowid`,
  // Public keys by which tokens of any relay are verified.
  `create table signing_keys (
    kid text primary key,
    issuer text not null,
    public_jwk text not null,
    seen_at_ms integer not null
  ) strict, without rowid`,
  // Ended logins are asked for by their time.
  `create index logins_ended on logins (ended_at_ms) where ended_at_ms is not null`,
]
