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
      /** Of these entries: they were told as `direct-message` before, word for word. */
      readonly shownSeqs?: readonly number[]
    }
  /** A message that another device has sent without the server in between: not stored yet, and without a number. */
  | DirectMessage
  /** It was told as `direct-message`, and the log does not have it after 10 s, or has something else under its id. */
  | {
      readonly type: 'direct-doubt'
      readonly conversationId: string
      readonly messageId: string
      readonly why: 'UNCONFIRMED' | 'CONTRADICTED'
    }
  /** A path to a device of the other is there, or is there no more. */
  | {
      readonly type: 'direct-path'
      readonly conversationId: string
      readonly userId: string
      readonly userName: string
      readonly deviceId: string
      readonly state: 'open' | 'closed'
      readonly reason: string
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

/** A text that came from a device whose key the server vouches for, before the server's copy of it. */
export interface DirectMessage {
  readonly type: 'direct-message'
  readonly conversation: ConversationView
  readonly messageId: string
  readonly senderId: string
  readonly senderName: string
  readonly text: string
  readonly replyToSeq: number
  /** To the device and back, to the server and back; undefined as long as it is not known. */
  readonly directMs: number | undefined
  readonly relayMs: number | undefined
}
