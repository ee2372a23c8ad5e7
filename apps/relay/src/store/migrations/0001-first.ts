/** The tables of `myim`, in the dialect of SQLite. Statements run in order, once, in one transaction. */
export const first: readonly string[] = [
  `create table users (
    id integer primary key,
    public_id blob not null unique,
    name text not null,
    name_key text not null unique,
    skeleton text not null unique,
    password text not null,
    nickname text not null default '',
    about text not null default '',
    notices integer not null,
    disabled integer not null default 0,
    created_at_ms integer not null
  ) strict`,
  `create table devices (
    id integer primary key,
    public_id blob not null unique,
    user integer not null references users (id),
    name text not null,
    created_at_ms integer not null,
    last_seen_at_ms integer not null
  ) strict`,
  `create index devices_of_user on devices (user)`,
  // One row per login: the family of a refresh token. `previous_*` answers a repeated refresh.
  `create table logins (
    id integer primary key,
    public_id blob not null unique,
    user integer not null references users (id),
    device integer not null references devices (id),
    refresh_hash blob not null,
    previous_hash blob,
    previous_request_id blob,
    rotated_at_ms integer not null,
    created_at_ms integer not null,
    ended_at_ms integer
  ) strict`,
  `create index logins_of_user on logins (user)`,
  `create index logins_of_device on logins (device)`,
  `create index logins_by_age on logins (rotated_at_ms)`,
  // One row per direction. state: 1 none, 2 asked, 3 requested, 4 contact (as ContactState on the wire).
  `create table friendships (
    user integer not null references users (id),
    other integer not null references users (id),
    state integer not null,
    blocked integer not null default 0,
    remark text not null default '',
    team text not null default '',
    request_text text not null default '',
    changed_at_ms integer not null,
    primary key (user, other)
  ) strict, without rowid`,
  // Texts that a stranger has sent and that were not answered yet; -1 when both have written to each other.
  `create table strangers (
    sender integer not null,
    recipient integer not null,
    unanswered integer not null,
    primary key (sender, recipient)
  ) strict, without rowid`,
  // kind: 1 direct, 2 group, 3 notices (as ConversationKind on the wire).
  `create table conversations (
    id integer primary key,
    public_id blob not null unique,
    kind integer not null,
    epoch integer not null default 1,
    title text not null default '',
    open integer not null default 0,
    dissolved integer not null default 0,
    created_at_ms integer not null
  ) strict`,
  `create table directs (
    low integer not null,
    high integer not null,
    conversation integer not null unique,
    primary key (low, high)
  ) strict, without rowid`,
  // One row per stay. It sees entries from joined_seq to left_seq (null while it lasts), both included.
  `create table members (
    conversation integer not null references conversations (id),
    user integer not null references users (id),
    joined_seq integer not null,
    left_seq integer,
    role integer not null,
    joined_at_ms integer not null,
    primary key (conversation, user, joined_seq)
  ) strict, without rowid`,
  `create index members_of_user on members (user, conversation)`,
  `create unique index members_now on members (conversation, user) where left_seq is null`,
  `create table invitations (
    conversation integer not null references conversations (id),
    user integer not null references users (id),
    invited_by integer not null references users (id),
    created_at_ms integer not null,
    primary key (conversation, user)
  ) strict, without rowid`,
  `create index invitations_of_user on invitations (user)`,
  // The log. Rows are never deleted; a recall replaces the entry's content and keeps the row, so dedupe holds for ever.
  // kind is the content's field number on the wire; sender 0 is the server.
  `create table messages (
    id integer primary key,
    conversation integer not null,
    seq integer not null,
    sender integer not null,
    client_id blob,
    digest blob,
    kind integer not null,
    target_seq integer,
    sent_at_ms integer not null,
    entry blob not null
  ) strict`,
  `create unique index messages_log on messages (conversation, seq)`,
  // Ids of messages begin with their time, so this index grows at its end, whoever sends: one page per
  // batch is written instead of one per sender.
  `create unique index messages_dedupe on messages (client_id, sender) where client_id is not null`,
  `create index messages_targets on messages (conversation, target_seq) where target_seq is not null`,
  // What a device has stored, and what a user has read.
  `create table cursors (
    device integer not null,
    conversation integer not null,
    seq integer not null,
    primary key (device, conversation)
  ) strict, without rowid`,
  `create table reads (
    user integer not null,
    conversation integer not null,
    seq integer not null,
    primary key (user, conversation)
  ) strict, without rowid`,
  // The file or image an entry carries. service: 1 files, 2 images.
  `create table attachments (
    conversation integer not null,
    seq integer not null,
    service integer not null,
    attachment_id text not null,
    primary key (conversation, seq)
  ) strict, without rowid`,
  `create table hold_outbox (
    id integer primary key,
    service integer not null,
    attachment_id text not null,
    holder text not null,
    held integer not null
  ) strict`,
  // Answers of mutating calls, by the client's request id. user 0: calls without a session.
  `create table requests (
    user integer not null,
    request_id blob not null,
    digest blob not null,
    answer blob not null,
    answered_at_ms integer not null,
    primary key (user, request_id)
  ) strict, without rowid`,
  `create index requests_by_age on requests (answered_at_ms)`,
  `create table invitation_codes (
    code_hash blob primary key,
    uses_left integer not null,
    expires_at_ms integer not null
  ) strict, without rowid`,
  // What the texts of a full block of 64 entries are known by, see docs/adr/0005. Rows are large, so not
  // without rowid. format tells how signatures were made; those of another format are no use.
  `create table search_blocks (
    conversation integer not null,
    block integer not null,
    format integer not null,
    signature blob not null,
    primary key (conversation, block)
  ) strict`,
  // The last message that the index has looked at.
  `create table search_progress (
    format integer primary key,
    last_message integer not null
  ) strict`,
]
