import { table } from './0001-first.ts'

/** Packages of clients; see ../../migrations/0003-upgrades.ts. */
export const upgrades: readonly string[] = [
  table(`upgrades (
    id bigint not null auto_increment primary key,
    channel varchar(64) not null,
    platform varchar(64) not null,
    version varchar(128) not null,
    min_version varchar(128) not null,
    file_id varchar(64) not null,
    manifest varbinary(8192) not null,
    signature varbinary(64) not null,
    key_id varchar(64) not null,
    published_at_ms bigint not null,
    unique key upgrades_version (channel, platform, version),
    key upgrades_file (file_id)
  )`),
]
