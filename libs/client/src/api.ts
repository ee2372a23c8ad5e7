import type { Scheduler } from '@parley/service-kit'
import type { chat } from '@parley/proto'
import type { AcceptedSend, ClientEvent, ConnectionState } from './client-events.ts'
import type { Dial } from './servers/servers.ts'
import type { Calls } from './calls/calls.ts'
import type { Login, LocalState } from './state/local-state.ts'

/** Where and as whom a client talks. */
export interface ServerOptions {
  /** `host:port`, or `tls://host:port`; tried in turn. */
  readonly servers: readonly string[]
  readonly state: LocalState
  /** Lets tokens travel unencrypted to a server that is not this machine. */
  readonly allowPlaintext?: boolean
  readonly scheduler?: Scheduler
  /** Opens channels to servers, over gRPC unless told. */
  readonly dial?: Dial
}

/** How a chat client behaves. */
export interface ConnectOptions extends ServerOptions {
  /** Sends and asks only: no backlog, no pushed entries, beside a lasting session of this device. */
  readonly transient?: boolean
  /** At most 64 bytes; `parley-client` unless told. */
  readonly clientName?: string
  /** Which program this is, so that the server can say what later versions there are. */
  readonly build?: ClientBuild
  /** The address of this machine at which other devices may call; all of them unless told. */
  readonly directHost?: string
  /** Whether paths are looked for over UDP, too, which goes through many NATs; yes unless told. */
  readonly directUdp?: boolean
  /** Where others reach what listens on this port here; at the addresses of this machine unless told. */
  readonly directAddresses?: (port: number) => readonly DirectAddress[]
}

/** One literal address, and a port of 1,024 or more. */
export interface DirectAddress {
  readonly host: string
  readonly port: number
}

/** A program that operators publish packages of. */
export interface ClientBuild {
  readonly version: string
  /** For example `linux-x64`. */
  readonly platform: string
  /** For example `stable`. */
  readonly channel: string
}

/** Where a message goes; ids are UUID text. */
export type Target = { readonly conversationId: string } | { readonly userId: string }

/** What else a message may carry. */
export interface SendOptions {
  readonly replyToSeq?: number
  /** Of an upload, for a file or an image. */
  readonly receipt?: string
  /** The entry whose content is sent on; `content` may then be left out. */
  readonly forwardOf?: { readonly conversationId: string; readonly seq: number }
  /** Made by the client when left out. UUIDv7 text. */
  readonly messageId?: string
  /**
   * `wait` (the default): the promise waits as long as it takes. `queue`: it answers `queued` once
   * every server has failed to answer, or after 10 s; the message then waits in the outbox.
   */
  readonly ifUnreachable?: 'wait' | 'queue'
}

/** What became of a message; a refusal is thrown as `AppError` (forbidden, the server's reason). */
export type SendResult =
  | ({ readonly state: 'accepted' } & AcceptedSend)
  | { readonly state: 'queued'; readonly messageId: string }

/** How far a transfer is. */
export interface TransferProgress {
  readonly doneBytes: number
  readonly totalBytes: number
  /** Of the last five seconds; 0 while nothing moves. */
  readonly ratePerSecond: number
  /** Until the end at this rate; undefined while nothing moves. */
  readonly remainingMs: number | undefined
}

/** How bytes move. */
export interface TransferOptions {
  /** Called with every piece that has moved, and once a second in between. */
  readonly progress?: (progress: TransferProgress) => void
  readonly signal?: AbortSignal
  /** Shown to receivers; the base name of the path unless told. */
  readonly name?: string
}

/** A finished upload: what `send` needs. */
export interface Uploaded {
  readonly content: chat.Content
  readonly receipt: string
  /** True when the server had the bytes already: none were sent. */
  readonly instant: boolean
}

/** Which rendering of an image. */
export type Variant = 'thumb' | 'preview' | 'full'

/** How a download goes. */
export interface DownloadOptions extends Omit<TransferOptions, 'name'> {
  /** Of an image; `full` unless told. */
  readonly variant?: Variant
  /**
   * One attempt, of which nothing is remembered: for bytes that are wanted now or not at all, in a
   * folder that goes with them.
   */
  readonly once?: boolean
}

/** What was downloaded. */
export interface Downloaded {
  readonly path: string
  readonly bytes: number
  /** BLAKE3, hex, verified. */
  readonly digest: string
  /** How many bytes an earlier attempt had left. */
  readonly resumedFrom: number
  /** How many bytes came from the sender's device, without the server; verified as all others are. */
  readonly directBytes: number
}

/** The place of an entry. */
export interface EntryPlace {
  readonly conversationId: string
  readonly seq: number
}

/** A chat client: one device's session, kept alive until closed. */
export interface ChatClient {
  readonly login: Login
  readonly connection: ConnectionState
  /** The unary calls, with this client's tokens. */
  readonly calls: Calls
  /** Calls back with every event from now on, in order; answers how to stop that. */
  on(listener: (event: ClientEvent) => void): () => void
  /** Every event from now on. While 1,000 wait to be taken the stream is not read. */
  events(): AsyncIterableIterator<ClientEvent>
  /**
   * The server's welcome, at once when online. Throws `AppError` (unavailable, UNREACHABLE) once
   * every server has failed or after 10 s, and the reason when the client has stopped.
   */
  online(): Promise<chat.Welcome>
  /** Resolves when everything stored at connect has been told; throws when the client stops. */
  caughtUp(): Promise<void>
  /** Stores a message in the outbox, then sends it until it is accepted or refused. */
  send(
    target: Target,
    content: chat.Content | undefined,
    options?: SendOptions,
  ): Promise<SendResult>
  /** Resolves when no message of this client waits for its answer any more. */
  drained(): Promise<void>
  /** Tells all of the user's devices and the senders that entries up to `seq` were shown. */
  read(conversationId: string, seq: number): void
  typing(conversationId: string, typing: boolean): void
  /**
   * Switches paths without the server on or off in a conversation of two that is known here: texts
   * then go both ways. Throws `AppError` (invalid, NOT_DIRECT), (exhausted, TOO_MANY_DIRECT).
   */
  direct(conversationId: string, allowed: boolean): void
  setStatus(availability: chat.Availability): void
  /** Follows the presence of these users (at most 1,000), and of all contacts when asked. */
  watchPresence(userIds: readonly string[], options?: { readonly contacts?: boolean }): void
  /** Asks for entries after the last stored one. */
  pull(conversationId: string): void
  uploadFile(path: string, options?: TransferOptions): Promise<Uploaded>
  uploadImage(path: string, options?: TransferOptions): Promise<Uploaded>
  /** Downloads an entry's file or image to a path that must not exist yet, resuming `.<name>.part`. */
  download(place: EntryPlace, path: string, options?: DownloadOptions): Promise<Downloaded>
  /** Leaves cleanly: acknowledges what is stored, waits up to 2 s for answers, says Bye. */
  close(): Promise<void>
}
