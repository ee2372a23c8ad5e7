import { stat, unlink } from 'node:fs/promises'
import { fileDigest } from '@parley/client'
import type { Downloaded, Variant } from '@parley/client'
import { sizeText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { conversationId } from '../look-up.ts'
import { withClient } from '../session.ts'
import type { Chatting } from '../session.ts'
import { entriesIn, planned } from './fetch-plan.ts'
import type { Fetch, FetchSetOptions } from './fetch-plan.ts'
import { inOrder } from './in-order.ts'
import { ProgressOfSeveral } from './progress-of-several.ts'
import { sayFailed, Toll } from './toll.ts'

const bounds = { atOnce: 3, ahead: 16 }

/**
 * Downloads the attachments of ranges into a folder, three at once; what is there already is checked
 * and left. One that fails does not stop the others: (forbidden, SOME_FAILED) in the end.
 */
export async function fetchSet(cli: Cli, target: string, options: FetchSetOptions): Promise<void> {
  const begun: { toll?: Toll; shown?: ProgressOfSeveral } = {}
  try {
    await withClient(cli, 'transient', async (chatting) => {
      const id = await conversationId(chatting, target)
      const wanted = await planned(await entriesIn(chatting, id, options.ranges), options)
      if (wanted.length === 0) return cli.out.note('there are no files and no images')
      const toll = new Toll('fetched', wanted.length)
      const shown = new ProgressOfSeveral(cli, wanted)
      Object.assign(begun, { toll, shown })
      await fetchEach(chatting, id, wanted, { toll, shown, variant: options.variant })
    })
  } catch (error) {
    throw begun.toll?.cutShort(error) ?? error
  } finally {
    begun.shown?.close()
  }
  begun.toll?.assertAll()
}

interface Fetching {
  readonly toll: Toll
  readonly shown: ProgressOfSeveral
  readonly variant: Variant | undefined
}

function fetchEach(
  { cli, client }: Chatting,
  id: string,
  wanted: readonly Fetch[],
  { toll, shown, variant }: Fetching,
): Promise<void> {
  const begin = (one: Fetch, stop: AbortSignal) =>
    shown.during(one, async (progress): Promise<Fetched> => {
      if (one.isHere) return { path: one.path, bytes: one.sizeBytes, made: undefined }
      const signal = AbortSignal.any([stop, cli.signal])
      const how = { progress, signal, ...(variant === undefined ? {} : { variant }) }
      const place = { conversationId: id, seq: one.seq }
      return keptOnce(one, await client.download(place, one.path, how))
    })
  return inOrder(wanted, bounds, begin, async (one, outcome) => {
    if (!outcome.ok) toll.assertGoesOn(outcome.error)
    toll.handed()
    shown.above(() => {
      if (outcome.ok) return sayFetched(cli, id, one, outcome.made)
      toll.failed(outcome.error)
      sayFailed(cli, one.path, outcome.error)
    })
  })
}

/** Where an attachment is now. */
interface Fetched {
  readonly path: string
  readonly bytes: number
  /** Undefined when it was there already. */
  readonly made: Downloaded | undefined
}

// What a small variant is, is known once it is here: a second copy of it goes again.
async function keptOnce({ path, maybe }: Fetch, made: Downloaded): Promise<Fetched> {
  const { bytes, digest } = made
  for (const there of maybe) {
    const isAsLong = await stat(there).then(
      ({ size }) => size === bytes,
      () => false,
    )
    if (!isAsLong || (await fileDigest(there).catch(() => '')) !== digest) continue
    await unlink(path)
    return { path: there, bytes, made: undefined }
  }
  return { path, bytes, made }
}

function sayFetched(cli: Cli, id: string, { seq, name }: Fetch, fetched: Fetched): void {
  const { path, bytes, made } = fetched
  const place = { type: 'downloaded', conversationId: id, seq, path, bytes, name }
  const { digest = null, resumedFrom = bytes } = made ?? {}
  const how = made ? `${sizeText(bytes)}, digest verified` : 'already there'
  cli.out.result({ ...place, digest, resumedFrom, already: !made }, `${path} (${how})`)
}
