/** What the main thread tells the writer. */
export type ToWriter =
  | { readonly kind: 'commit'; readonly number: number; readonly batch: Uint8Array }
  | { readonly kind: 'close' }

/** What the writer tells the main thread. */
export type FromWriter =
  | { readonly kind: 'open' }
  | { readonly kind: 'done'; readonly number: number; readonly outcomes: Uint8Array }
  /** The batch was not stored, or nobody knows; `code` is SQLite's. */
  | {
      readonly kind: 'lost'
      readonly number: number
      readonly code: string
      readonly message: string
    }
  /** One command threw: a bug. Its outcome is a refusal. */
  | { readonly kind: 'failed'; readonly command: string; readonly message: string }

/** What the main thread asks the reader. */
export type ToReader =
  | {
      readonly kind: 'log'
      readonly number: number
      readonly conversation: number
      readonly from: number
      readonly to: number
      readonly maxBytes: number
    }
  | { readonly kind: 'ask'; readonly number: number; readonly name: string; readonly args: unknown }
  | { readonly kind: 'close' }

/** What the reader answers. */
export type FromReader =
  | { readonly kind: 'open' }
  | { readonly kind: 'result'; readonly number: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly number: number; readonly message: string }
