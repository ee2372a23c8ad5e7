import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { lineOf } from '../checks.ts'
import { unknownUpgrade } from './unknown-upgrade.ts'

const maxBytes = 32

/** What operators have published last for a channel and platform, as they signed it. */
export async function latest(
  ctx: Context,
  request: chat.UpgradesLatestRequest,
): Promise<chat.UpgradesLatestResponse> {
  const channel = lineOf(request.channel, { field: 'channel', maxBytes, filled: true })
  const platform = lineOf(request.platform, { field: 'platform', maxBytes, filled: true })
  const found = await ctx.journal.ask('upgradeOf', { channel, platform })
  if (found === undefined) throw unknownUpgrade()
  const { manifest, signature, keyId } = found
  return { manifest: Buffer.from(manifest), signature: Buffer.from(signature), keyId }
}
