/** Packages of clients that operators have published: the newest few of each channel and platform. */
export const upgrades: readonly string[] = [
  // manifest and signature are kept as they came: the relay has no key to make or to check them with.
  // The other columns are read out of the manifest.
  `create table upgrades (
    id integer primary key,
    channel text not null,
    platform text not null,
    version text not null,
    min_version text not null,
    file_id text not null,
    manifest blob not null,
    signature blob not null,
    key_id text not null,
    published_at_ms integer not null
  ) strict`,
  `create unique index upgrades_version on upgrades (channel, platform, version)`,
  `create index upgrades_file on upgrades (file_id)`,
]
