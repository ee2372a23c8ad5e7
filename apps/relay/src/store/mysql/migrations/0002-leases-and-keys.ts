import { table } from './0001-first.ts'

/** What several relays agree on; see ../../migrations/0002-leases-and-keys.ts. */
export const leasesAndKeys: readonly string[] = [
  table(`leases (
    name varchar(64) not null primary key,
    holder varchar(64) not null,
    until_ms bigint not null
  )`),
  table(`signing_keys (
    kid varchar(255) not null primary key,
    issuer varchar(64) not null,
    public_jwk varchar(2048) not null,
    seen_at_ms bigint not null
  )`),
]
