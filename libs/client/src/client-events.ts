import type { chat } from '@parley/proto'

/** What names a conversation, as far as this device knows it. */
export interface ConversationView {
  /** UUID text. */
  readonly conversationId: string
  readonly kind: chat.ConversationKind
  /** Of a group. */
  readonly title: string
  /** The other person of a direct conversation, UUID text or empty. */
  readonly peerId: string
  readonly peerName: string
}

/** How the client stands to the server. */
export type ConnectionState =
  | { readonly state: 'connecting'; readonly server: string; readonly attempt: number }
  | { readonly state: 'online'; readonly server: string }
  /** Everything that was stored when the stream connected has been told. */
  | { readonly state: 'caught-up'; readonly server: string }
  | {
      readonly state: 'offline'
      readonly sinceMs: number
      readonly retryInMs: number
      readonly reason: string
      readonly message: string
    }
  /** For good: closed by the caller, kicked, or the login is over. */
  | { readonly state: 'stopped'; readonly reason: string; readonly message: string }

/** How far one member is. */
export interface PositionView {
  readonly userId: string
  readonly deliveredSeq: number
  readonly readSeq: number
}

/** Somebody's presence; `userName` may be empty. */
export interface PresenceView {
  readonly userId: string
  readonly userName: string
  readonly availability: chat.Availability
  readonly asOfMs: number
}

/** What others read of somebody; ids are UUID text. */
export interface ProfileView {
  readonly userId: string
  readonly userName: string
  readonly nickname: string
  readonly about: string
  readonly picture: chat.Picture | undefined
}

/** What a client tells its user. Ids are UUID text; entries are stored before they are told. */
export type ClientEvent =
  | { readonly type: 'connection'; readonly connection: ConnectionState }
  /** A dense run: entry i has the number `firstSeq + i`, and follows the run before it. */
  | {
      readonly type: 'entries'
      readonly conversation: ConversationView
      readonly firstSeq: number
      readonly entries: readonly chat.Entry[]
    }
  /** These numbers will not come; the log goes on after `to`. */
  | {
      readonly type: 'gap'
      readonly conversationId: string
      readonly from: number
      readonly to: number
      readonly why: chat.Gap_Why
    }
  /** The server's log was rolled back: what was told of this conversation is told anew. */
  | { readonly type: 'rewound'; readonly conversationId: string; readonly epoch: number }
  | ({ readonly type: 'accepted' } & AcceptedSend)
  | {
      readonly type: 'refused'
      readonly messageId: string
      readonly reason: string
      readonly message: string
    }
  | {
      readonly type: 'receipts'
      readonly conversationId: string
      readonly positions: readonly PositionView[]
      readonly readCount: number
    }
  | {
      readonly type: 'typing'
      readonly conversationId: string
      readonly userId: string
      readonly userName: string
      readonly typing: boolean
    }
  | { readonly type: 'presence'; readonly users: readonly PresenceView[] }
  /** Somebody who is followed, or this user at another device, has another profile or picture. */
  | { readonly type: 'profile'; readonly profile: ProfileView }
  | { readonly type: 'watching'; readonly count: number }
  /** There is a later version of this client, says the server; with `required` this one is too old. */
  | { readonly type: 'upgrade'; readonly version: string; readonly required: boolean }

/** A message that is on the server's disk. */
export interface AcceptedSend {
  readonly messageId: string
  readonly conversationId: string
  readonly seq: number
  readonly sentAtMs: number
  /** It had been accepted before; this repeated the answer. */
  readonly duplicate: boolean
}
