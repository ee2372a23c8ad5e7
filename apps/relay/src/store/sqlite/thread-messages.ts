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
