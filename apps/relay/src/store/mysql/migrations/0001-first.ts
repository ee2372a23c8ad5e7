/**
 * The tables of `myim`, in the dialect of MariaDB, MySQL and TiDB; what each is for stands in
 * ../../migrations/0001-first.ts. Each statement can be run again: DDL has no transactions here, and
 * a start may have been interrupted after any of them.
 *
 * There are no foreign keys: checking one locks the row it points to, and writers of several relays
 * would meet there. Numbers are signed as JavaScript's are, so that a difference below zero is one.
 */
export const first: readonly string[] = [
  table(`users (
    id bigint not null auto_increment primary key,
    public_id binary(16) not null,
    name varchar(255) not null,
    name_key varchar(255) not null,
    skeleton varchar(255) not null,
    password varchar(512) not null,
    nickname varchar(255) not null default '',
    about varchar(1024) not null default '',
    notices bigint not null,
    disabled tinyint not null default 0,
    created_at_ms bigint not null,
    unique key users_public_id (public_id),
    unique key users_name_key (name_key),
    unique key users_skeleton (skeleton)
  )`),
  table(`devices (
    id bigint not null auto_increment primary key,
    public_id binary(16) not null,
    user bigint not null,
    name varchar(255) not null,
    created_at_ms bigint not null,
    last_seen_at_ms bigint not null,
    unique key devices_public_id (public_id),
    key devices_of_user (user)
  )`),
  table(`logins (
    id bigint not null auto_increment primary key,
    public_id binary(16) not null,
    user bigint not null,
    device bigint not null,
    refresh_hash varbinary(64) not null,
    previous_hash varbinary(64),
    previous_request_id varbinary(64),
    rotated_at_ms bigint not null,
    created_at_ms bigint not null,
    ended_at_ms bigint,
    unique key logins_public_id (public_id),
    key logins_of_user (user),
    key logins_of_device (device),
    key logins_by_age (rotated_at_ms),
    key logins_ended (ended_at_ms)
  )`),
  table(`friendships (
    user bigint not null,
    other bigint not null,
    state tinyint not null,
    blocked tinyint not null default 0,
    remark varchar(255) not null default '',
    team varchar(255) not null default '',
    request_text varchar(1024) not null default '',
    changed_at_ms bigint not null,
    primary key (user, other)
  )`),
  table(`strangers (
    sender bigint not null,
    recipient bigint not null,
    unanswered bigint not null,
    primary key (sender, recipient)
  )`),
  table(`conversations (
    id bigint not null auto_increment primary key,
    public_id binary(16) not null,
    kind tinyint not null,
    epoch bigint not null default 1,
    title varchar(255) not null default '',
    open tinyint not null default 0,
    dissolved tinyint not null default 0,
    created_at_ms bigint not null,
    unique key conversations_public_id (public_id)
  )`),
  table(`directs (
    low bigint not null,
    high bigint not null,
    conversation bigint not null,
    primary key (low, high),
    unique key directs_conversation (conversation)
  )`),
  // One stay of a user lasts at most: what is null is never equal, so stays that ended do not count.
  table(`members (
    conversation bigint not null,
    user bigint not null,
    joined_seq bigint not null,
    left_seq bigint,
    role tinyint not null,
    joined_at_ms bigint not null,
    user_now bigint generated always as (case when left_seq is null then user end) virtual,
    primary key (conversation, user, joined_seq),
    key members_of_user (user, conversation),
    unique key members_now (conversation, user_now)
  )`),
  table(`invitations (
    conversation bigint not null,
    user bigint not null,
    invited_by bigint not null,
    created_at_ms bigint not null,
    primary key (conversation, user),
    key invitations_of_user (user)
  )`),
  table(`messages (
    id bigint not null auto_increment primary key,
    conversation bigint not null,
    seq bigint not null,
    sender bigint not null,
    client_id binary(16),
    digest varbinary(64),
    kind smallint not null,
    target_seq bigint,
    sent_at_ms bigint not null,
    entry mediumblob not null,
    unique key messages_log (conversation, seq),
    unique key messages_dedupe (client_id, sender),
    key messages_targets (conversation, target_seq)
  )`),
  table(`cursors (
    device bigint not null,
    conversation bigint not null,
    seq bigint not null,
    primary key (device, conversation)
  )`),
  // A reserved word of this dialect.
  table(`\`reads\` (
    user bigint not null,
    conversation bigint not null,
    seq bigint not null,
    primary key (user, conversation),
    key reads_of_conversation (conversation)
  )`),
  table(`attachments (
    conversation bigint not null,
    seq bigint not null,
    service tinyint not null,
    attachment_id varchar(255) not null,
    primary key (conversation, seq)
  )`),
  table(`hold_outbox (
    id bigint not null auto_increment primary key,
    service tinyint not null,
    attachment_id varchar(255) not null,
    holder varchar(255) not null,
    held tinyint not null
  )`),
  table(`requests (
    user bigint not null,
    request_id varbinary(64) not null,
    digest varbinary(64) not null,
    answer mediumblob not null,
    answered_at_ms bigint not null,
    primary key (user, request_id),
    key requests_by_age (answered_at_ms)
  )`),
  table(`invitation_codes (
    code_hash varbinary(64) not null primary key,
    uses_left bigint not null,
    expires_at_ms bigint not null
  )`),
  table(`search_blocks (
    conversation bigint not null,
    block bigint not null,
    format bigint not null,
    signature mediumblob not null,
    primary key (conversation, block)
  )`),
  table(`search_progress (
    format bigint not null primary key,
    last_message bigint not null
  )`),
]

/**
 * Names compare byte by byte, as in SQLite: what is one name is decided in domain/names.ts. The comment
 * is for TiDB, whose servers would else give out numbers that do not grow with time.
 */
export function table(definition: string): string {
  return `create table if not exists ${definition}
    engine = InnoDB default character set utf8mb4 collate utf8mb4_bin
    /*T![auto_id_cache] auto_id_cache 1 */`
}
