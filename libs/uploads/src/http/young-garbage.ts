import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const collectEveryBytes = 4 << 20

type Collect = (options: { readonly type: 'minor' }) => void

let collect: Collect | undefined
let sinceBytes = 0

/**
 * Counts bytes of network buffers that were used and dropped. Node allocates one for each read, and
 * V8 answers every 64 MiB of them with a collection of the whole heap on all its threads, half the
 * cost of an upload; a collection of the young objects alone, early enough, costs next to nothing.
 */
export function countDropped(bytes: number): void {
  sinceBytes += bytes
  if (sinceBytes < collectEveryBytes) return
  sinceBytes = 0
  collect ??= collectOf()
  collect({ type: 'minor' })
}

function collectOf(): Collect {
  setFlagsFromString('--expose-gc')
  const exposed = runInNewContext('globalThis.gc') as Collect | undefined
  setFlagsFromString('--no-expose-gc')
  // Without it everything works, at V8's price.
  return exposed ?? (() => undefined)
}
