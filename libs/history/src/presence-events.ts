/** Who is there: what watchers are told, and what is so. */
export type PresenceEvent =
  /** By the watcher's stream: it asks to be told of this user from now on. */
  | { readonly op: 'invoke'; readonly f: 'watch'; readonly of: string }
  /** By the watcher's stream: online, away, busy, offline or unknown. */
  | {
      readonly op: 'ok'
      readonly f: 'presence'
      readonly of: string
      readonly state: string
    }
  /** The user has a device that is connected. */
  | { readonly op: 'info'; readonly f: 'came' }
  /** The user's last device is gone: with a Bye, with its connection, or without a word. */
  | { readonly op: 'info'; readonly f: 'gone'; readonly how: Leaving }

/** How a device goes. */
export type Leaving = 'bye' | 'crash' | 'cable'
