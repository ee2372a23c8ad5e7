import { basename } from 'node:path'
import { uploadPackage } from '@parley/client'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { systemScheduler } from '@parley/service-kit'
import { encodeManifest } from '@parley/upgrades'
import type { Manifest } from '@parley/upgrades'
import type { Command } from 'commander'
import { sizeText } from '@parley/words'
import type { AdminCli } from '../admin-cli.ts'
import { example } from '../options.ts'
import { assertFile } from '../transfers/attachment-set.ts'
import { withProgress } from '../terminal/progress.ts'
import { adminOptions, newRequestId, withOperators } from './operators.ts'
import type { AdminOptions, OperatorCalls } from './operators.ts'
import { readUpgradeKey } from './read-upgrade-key.ts'

/** No version comes before it. */
const lowest = '0.0.0-0'

interface PublishOptions extends AdminOptions {
  readonly package: string
  readonly platform: string
  readonly channel?: string
  readonly version: string
  readonly minVersion?: string
  readonly notes?: string
  readonly key: string
}

type Named = Pick<Manifest, 'channel' | 'platform' | 'version' | 'minVersion' | 'notes'>
type Stored = Pick<Manifest, 'fileId' | 'sizeBytes' | 'digest'>

/** `parley-admin publish-upgrade --package FILE --platform P --version V --key FILE`. */
export function define(command: Command, cli: AdminCli): void {
  adminOptions(command)
    .requiredOption('--package <file>', 'what clients fetch')
    .requiredOption('--platform <name>', 'for example linux-x64')
    .requiredOption('--version <version>', 'for example 1.4.0')
    .requiredOption('--key <file>', 'made by parley-admin upgrade-key create')
    .option('--channel <name>', 'for whom (stable unless told)')
    .option('--min-version <version>', 'earlier clients are too old (none unless told)')
    .option('--notes <text>', 'for people')
    .addHelpText(
      'after',
      example(
        'parley-admin publish-upgrade --package parley.tgz --platform linux-x64 --version 1.4.0 --key ~/upgrade.key',
      ),
    )
    .action((options: PublishOptions) => publish(cli, options))
}

async function publish(cli: AdminCli, options: PublishOptions): Promise<void> {
  const { channel = 'stable', platform, version, minVersion = lowest, notes = '' } = options
  const named: Named = { channel, platform, version, minVersion, notes }
  // All that can be wrong here is found before the package goes anywhere.
  encodeManifest({ ...named, ...anyFile, publishedAtMs: 0 })
  const key = await readUpgradeKey(options.key)
  await assertFile(options.package)
  await withOperators(cli, options, async (calls) => {
    const { receipt, stored } = await upload(cli, calls, options.package)
    const publishedAtMs = systemScheduler.now()
    const manifest = encodeManifest({ ...named, ...stored, publishedAtMs })
    const signed = { manifest, signature: key.sign(manifest), keyId: key.keyId, receipt }
    const request = { requestId: newRequestId(), ...signed }
    await calls.publishUpgrade(chat.PublishUpgradeRequest.create(request))
    const line = { type: 'upgrade-published', ...named, ...stored, publishedAtMs, keyId: key.keyId }
    const size = sizeText(stored.sizeBytes)
    cli.out.result(line, `${version} of ${channel} for ${platform} is published (${size})`)
  })
}

const anyFile: Stored = { fileId: 'f'.repeat(22), sizeBytes: 0, digest: '0'.repeat(64) }

async function upload(cli: AdminCli, calls: OperatorCalls, path: string) {
  const { filesUrl } = await calls.admitPackage({})
  // A new one each time: a long upload outlives a token.
  const access = async () => (await calls.admitPackage({})).accessToken
  const { allowPlaintext } = cli.config
  const to = { filesUrl, access, path, allowPlaintext }
  const { signal } = cli
  const uploaded = await withProgress(
    cli.terminal.stderr,
    basename(path),
    !cli.out.json,
    (progress) => uploadPackage(to, { progress, signal }),
  )
  const content = uploaded.content.content
  if (content?.$case !== 'file') throw new AppError('internal', 'NO_FILE', 'no file was made')
  const { fileId, size: sizeBytes, digest } = content.value
  const stored: Stored = { fileId, sizeBytes, digest: digest.toString('hex') }
  return { receipt: uploaded.receipt, stored }
}
