import { openClient, keyMetadata, operatorKeyHeader } from '@parley/grpc-kit'
import type { UnaryCalls } from '@parley/grpc-kit'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { readIfThere, sharedKeyFile, systemScheduler, uuidv7 } from '@parley/service-kit'
import type { Command } from 'commander'
import type { AdminCli } from '../admin-cli.ts'

/** The options that every operators' command has. */
export interface AdminOptions {
  readonly dataDir?: string
}

/** The operators' calls of a relay. */
export type OperatorCalls = UnaryCalls<chat.OperatorsClient>

/** Adds what every operators' command has. */
export function adminOptions(command: Command): Command {
  return command.option('--data-dir <path>', "the relay's data folder, to find the key beside it")
}

/** Runs one command with the relay's internal server; throws (precondition, KEY_MISSING) without a key. */
export async function withOperators<T>(
  cli: AdminCli,
  options: AdminOptions,
  work: (calls: OperatorCalls) => Promise<T>,
): Promise<T> {
  const key = cli.config.key ?? (await keyBeside(options.dataDir ?? cli.config.dataDir))
  const metadata = keyMetadata(operatorKeyHeader, key)
  const client = openClient(chat.OperatorsClient, cli.config.relay, {
    metadata,
    signal: cli.signal,
  })
  try {
    return await work(client.call)
  } finally {
    client.close()
  }
}

/** A new id for a call that changes something. */
export function newRequestId(): Buffer {
  return Buffer.from(uuidv7(systemScheduler))
}

async function keyBeside(dataDir: string): Promise<string> {
  const path = sharedKeyFile(dataDir, 'operator')
  const text = (await readIfThere(path))?.trim()
  if (text) return text
  const message = `no operators' key: set OPERATOR_KEY, or name the relay's data folder by --data-dir (looked for ${path})`
  throw new AppError('precondition', 'KEY_MISSING', message)
}
