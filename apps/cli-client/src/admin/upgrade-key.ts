import { writeFile } from 'node:fs/promises'
import { AppError } from '@parley/errors'
import { createSigningKey } from '@parley/upgrades'
import type { SigningKey } from '@parley/upgrades'
import type { Command } from 'commander'
import type { AdminCli } from '../admin-cli.ts'
import { example } from '../options.ts'
import { readUpgradeKey } from './read-upgrade-key.ts'

/** `parley-admin upgrade-key create FILE | show FILE`. */
export function define(command: Command, cli: AdminCli): void {
  command.addHelpText('after', example('parley-admin upgrade-key create ~/upgrade.key'))
  command
    .command('create')
    .description('Make a key to sign client packages with, and print its public half.')
    .argument('<file>', 'where to; nothing is overwritten')
    .addHelpText('after', example('parley-admin upgrade-key create ~/upgrade.key'))
    .action((file: string) => create(cli, file))
  command
    .command('show')
    .description('Print the public half of a key, which clients pin.')
    .argument('<file>', 'made by upgrade-key create')
    .addHelpText('after', example('parley-admin upgrade-key show ~/upgrade.key'))
    .action(async (file: string) => say(cli, file, await readUpgradeKey(file)))
}

async function create(cli: AdminCli, file: string): Promise<void> {
  const key = createSigningKey()
  await writeFile(file, key.pem, { mode: 0o600, flag: 'wx', flush: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') {
        throw new AppError('conflict', 'FILE_EXISTS', `${file} is there already`, { cause })
      }
      const message = `${file} cannot be written: ${cause.code ?? cause.message}`
      throw new AppError('precondition', 'CANNOT_WRITE', message, { cause })
    },
  )
  say(cli, file, key)
  cli.out.note(`Keep ${file} secret, and off every server. Clients pin the line above.`)
}

function say(cli: AdminCli, file: string, { keyId, publicKey }: SigningKey): void {
  cli.out.result({ type: 'upgrade-key', file, keyId, publicKey }, publicKey)
}
