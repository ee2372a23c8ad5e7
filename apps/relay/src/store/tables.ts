import type { Generated } from 'kysely'

/** The tables of `myim` as Kysely sees them; see migrations/ for what each is for. */
export interface Tables {
  users: {
    id: Generated<number>
    public_id: Uint8Array
    name: string
    name_key: string
    skeleton: string
    password: string
    nickname: string
    about: string
    notices: number
    disabled: number
    created_at_ms: number
  }
  devices: {
    id: Generated<number>
    public_id: Uint8Array
    user: number
    name: string
    created_at_ms: number
    last_seen_at_ms: number
  }
  logins: {
    id: Generated<number>
    public_id: Uint8Array
    user: number
    device: number
    refresh_hash: Uint8Array
    previous_hash: Uint8Array | null
    previous_request_id: Uint8Array | null
    rotated_at_ms: number
    created_at_ms: number
    ended_at_ms: number | null
  }
  friendships: {
    user: number
    other: number
    state: number
    blocked: number
    remark: string
    team: string
    request_text: string
    changed_at_ms: number
  }
  strangers: { sender: number; recipient: number; unanswered: number }
  conversations: {
    id: Generated<number>
    public_id: Uint8Array
    kind: number
    epoch: number
    title: string
    open: number
    dissolved: number
    created_at_ms: number
  }
  directs: { low: number; high: number; conversation: number }
  members: {
    conversation: number
    user: number
    joined_seq: number
    left_seq: number | null
    role: number
    joined_at_ms: number
  }
  invitations: {
    conversation: number
    user: number
    invited_by: number
    created_at_ms: number
  }
  messages: {
    id: Generated<number>
    conversation: number
    seq: number
    sender: number
    client_id: Uint8Array | null
    digest: Uint8Array | null
    kind: number
    target_seq: number | null
    sent_at_ms: number
    entry: Uint8Array
  }
  cursors: { device: number; conversation: number; seq: number }
  reads: { user: number; conversation: number; seq: number }
  attachments: { conversation: number; seq: number; service: number; attachment_id: string }
  pictures: {
    kind: number
    owner: number
    image_id: string
    digest: Uint8Array
    width: number
    height: number
    thumbhash: Uint8Array
    setting: Uint8Array | null
  }
  hold_outbox: {
    id: Generated<number>
    service: number
    attachment_id: string
    holder: string
    held: number
  }
  requests: {
    user: number
    request_id: Uint8Array
    digest: Uint8Array
    answer: Uint8Array
    answered_at_ms: number
  }
  invitation_codes: { code_hash: Uint8Array; uses_left: number; expires_at_ms: number }
  search_blocks: { conversation: number; block: number; format: number; signature: Uint8Array }
  search_progress: { format: number; last_message: number }
  leases: { name: string; holder: string; until_ms: number }
  upgrades: {
    id: Generated<number>
    channel: string
    platform: string
    version: string
    min_version: string
    file_id: string
    manifest: Uint8Array
    signature: Uint8Array
    key_id: string
    published_at_ms: number
  }
  signing_keys: { kid: string; issuer: string; public_jwk: string; seen_at_ms: number }
}
