import { table } from './0001-first.ts'

/** Pictures of users and groups; see ../../migrations/0004-pictures.ts. */
export const pictures: readonly string[] = [
  table(`pictures (
    kind tinyint not null,
    owner bigint not null,
    image_id varchar(255) not null,
    digest varbinary(64) not null,
    width bigint not null,
    height bigint not null,
    thumbhash varbinary(64) not null,
    primary key (kind, owner)
  )`),
]
