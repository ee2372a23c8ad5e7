import { join } from 'node:path'
import { downloadPackage } from '@parley/client'
import { AppError } from '@parley/errors'
import type { Manifest } from '@parley/upgrades'
import type { Command } from 'commander'
import { sizeText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { serverOptions, withCalls } from '../session.ts'
import type { Asking } from '../session.ts'
import { withProgress } from '../terminal/progress.ts'
import { buildOf } from '../upgrades/build.ts'
import { newestUpgrade } from '../upgrades/newest-upgrade.ts'
import type { NewestUpgrade } from '../upgrades/newest-upgrade.ts'

interface UpgradeOptions {
  readonly check?: true
  readonly download?: true | string
}

/** `parley upgrade [--check | --download [DIR]]`. */
export function define(command: Command, cli: Cli): void {
  command
    .option('--check', 'say whether there is a later version (unless told otherwise)')
    .option('--download [dir]', 'fetch it into a folder, this one unless told, and verify it')
    .addHelpText(
      'after',
      example('parley upgrade --check', 'parley upgrade --download ~/Downloads'),
    )
    .addHelpText(
      'after',
      '\nNothing is installed or run. Ends with 4 when this version is too old for the server.',
    )
    .action((options: UpgradeOptions) => upgrade(cli, options))
}

async function upgrade(cli: Cli, options: UpgradeOptions): Promise<void> {
  await withCalls(cli, async (asking) => {
    const build = buildOf(cli.config)
    const newest = await newestUpgrade(asking.calls, cli.config, build)
    const isLater = newest?.state === 'available' || newest?.state === 'required'
    if (options.download === undefined || newest === undefined) say(cli, build.version, newest)
    else if (isLater) await fetchPackage(asking, newest.manifest, options.download)
    else if (newest.state === 'older') throw older(newest.manifest, build.version)
    else say(cli, build.version, newest)
  })
}

function say(cli: Cli, own: string, newest: NewestUpgrade | undefined): void {
  const { version = null, notes = null, publishedAtMs = null } = newest?.manifest ?? {}
  const sizeBytes = newest?.manifest.sizeBytes ?? null
  const state = newest?.state ?? 'current'
  const line = { type: 'upgrade-checked', state, own, version, sizeBytes, publishedAtMs, notes }
  cli.out.result(line, () => wordsOf(own, newest))
  if (state !== 'required') return
  const message = `version ${own} is too old for this server; parley upgrade --download fetches ${version}`
  throw new AppError('precondition', 'CLIENT_TOO_OLD', message)
}

function wordsOf(own: string, newest: NewestUpgrade | undefined): string {
  if (newest === undefined) return `version ${own}; nothing is published for it`
  const { version, sizeBytes, notes } = newest.manifest
  if (newest.state === 'current') return `version ${own} is up to date`
  if (newest.state === 'older') return `version ${own} is later than ${version}, which is published`
  const words = `version ${version} can be had (${sizeText(sizeBytes)}); this is ${own}`
  return notes === '' ? words : `${words}\n\n${notes}`
}

async function fetchPackage(
  { cli, calls, state }: Asking,
  manifest: Manifest,
  folder: true | string,
): Promise<void> {
  const { version, platform } = manifest
  // Of a shape that no manifest gets past: no path, no dots or dashes to begin with.
  const name = `parley-${version}-${platform}.package`
  const target = folder === true ? name : join(folder, name)
  const { signal } = cli
  const done = await withProgress(cli.terminal.stderr, name, !cli.out.json, (progress) =>
    downloadPackage(serverOptions(cli, state), calls, manifest, target, { progress, signal }),
  )
  const { path, bytes, digest, resumedFrom } = done
  const line = { type: 'upgrade-downloaded', version, platform, path, bytes, digest, resumedFrom }
  const words = `${path} (${sizeText(bytes)}, signature and digest verified; nothing was installed)`
  cli.out.result(line, words)
}

function older({ version }: Manifest, own: string): AppError {
  const message = `${version} is published, but this is ${own} already: nothing goes back to an earlier version`
  return new AppError('precondition', 'UPGRADE_OLDER', message)
}
