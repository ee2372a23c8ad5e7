import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { AppError } from '@parley/errors'
import type { Command } from 'commander'
import type { AdminCli } from '../admin-cli.ts'
import { UsageError } from '../exit-code.ts'
import { example } from '../options.ts'

interface MigrateOptions {
  readonly from?: string
  readonly to?: string
}

/** A line of the relay's own program that moves a store. */
interface Line {
  readonly type: string
  readonly table?: string
  readonly rows?: number
  readonly of?: number
  readonly reason?: string
  readonly message?: string
  readonly logs?: number
  readonly entries?: number
  readonly tables?: readonly { readonly name: string; readonly rows: number }[]
}

// The store is the relay's: its own program moves it.
const program = fileURLToPath(new URL('../../../relay/src/store/transfer/main.ts', import.meta.url))

/** `parley-admin migrate-store [--from FILE] [--to MYSQL_URL]`. */
export function define(command: Command, cli: AdminCli): void {
  command
    .option('--from <file>', 'myim.sqlite of a relay that does not run (in DATA_DIR unless told)')
    .option('--to <url>', 'mysql://user:password@host:port/database (MYSQL_URL unless told)')
    .addHelpText(
      'after',
      example('parley-admin migrate-store --from data/relay/myim.sqlite --to mysql://me@db/myim'),
    )
    .action((options: MigrateOptions) => migrateStore(cli, options))
}

async function migrateStore(cli: AdminCli, options: MigrateOptions): Promise<void> {
  const { from = join(cli.config.dataDir, 'myim.sqlite'), to = cli.config.mysqlUrl } = options
  if (to === undefined) throw new UsageError('say where to: --to, or MYSQL_URL')
  let moved: Line | undefined
  for await (const line of linesOf(cli, { from, to })) {
    if (line.type === 'failed') {
      throw new AppError('precondition', line.reason ?? 'MOVE_FAILED', line.message ?? '')
    }
    if (line.type === 'copied') cli.out.note(`${line.table}: ${line.rows} of ${line.of} rows`)
    if (line.type === 'comparing') cli.out.note('comparing both databases')
    if (line.type === 'moved') moved = line
  }
  if (moved === undefined) throw new AppError('internal', 'MOVE_FAILED', 'the move was interrupted')
  const { logs, entries, tables } = moved
  cli.out.result(
    { type: 'store-moved', from, logs, entries, tables },
    `Moved and compared ${logs} logs with ${entries} entries and ${tables?.length} tables: all equal`,
  )
}

async function* linesOf(
  { signal }: AdminCli,
  request: { readonly from: string; readonly to: string },
): AsyncGenerator<Line> {
  const child = spawn(process.execPath, [...process.execArgv, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  child.stdin.end(JSON.stringify(request))
  for await (const text of createInterface({ input: child.stdout })) yield JSON.parse(text) as Line
  await ended
}
