/** What the main thread tells the writer. */
export type ToWriter =
  | { readonly kind: 'commit'; readonly number: number; readonly batch: Uint8Array }
  | { readonly kind: 'close' }

/** What the writer tells the main thread. */
export type FromWriter =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'done'
      readonly number: number
      readonly outcomes: Uint8Array
      /** The database's code when there are outcomes of the first commands only. */
      readonly lost: string | undefined
    }
  /** The batch was not stored, or nobody knows; `code` is the database's. */
  | {
      readonly kind: 'lost'
      readonly number: number
      readonly code: string
      readonly message: string
    }
  /** One command threw: a bug. Its outcome is a refusal. */
  | { readonly kind: 'failed'; readonly command: string; readonly message: string }
