/** Pictures of users and groups. */
export const pictures: readonly string[] = [
  // kind: 1 a user's, 2 a group's; owner: the row of that user or conversation.
  `create table pictures (
    kind integer not null,
    owner integer not null,
    image_id text not null,
    digest blob not null,
    width integer not null,
    height integer not null,
    thumbhash blob not null,
    primary key (kind, owner)
  ) strict, without rowid`,
]
