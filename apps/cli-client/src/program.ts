import { Command, CommanderError } from 'commander'
import type { CatalogEntry } from './catalog.ts'
import { exitCodes, failureOf } from './exit-code.ts'
import type { ExitCode } from './exit-code.ts'
import type { Output } from './output.ts'

/** A command line program of several commands. */
export interface ProgramSpec<C> {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly catalog: readonly CatalogEntry<C>[]
  /** Added below the list of commands. */
  readonly epilogue: string
}

/** What the program itself needs of its surroundings. */
export interface ProgramOutput {
  readonly out: Output
}

/** Carries out one command line and answers how the process should end; never throws. */
export async function runProgram<C extends ProgramOutput>(
  spec: ProgramSpec<C>,
  args: readonly string[],
  cli: C,
): Promise<ExitCode> {
  // What commander refuses is said before it has looked at the options.
  cli.out.json = asksJson(args)
  try {
    await buildProgram(spec, cli).parseAsync(withBareCommand(spec, args), { from: 'user' })
    return exitCodes.success
  } catch (error) {
    if (error instanceof CommanderError) return commanderExit(error)
    const failure = failureOf(error)
    cli.out.failure(spec.name, failure.reason, failure.message)
    return failure.code
  }
}

function buildProgram<C extends ProgramOutput>(spec: ProgramSpec<C>, cli: C): Command {
  const program = new Command(spec.name)
    .description(spec.description)
    .version(spec.version)
    .enablePositionalOptions()
    .showHelpAfterError('(--help says more)')
    .exitOverride()
    .configureOutput(outputOf(spec.name, cli))
    .addHelpText('after', `\n${spec.epilogue}`)
  for (const entry of spec.catalog) program.command(entry.name).summary(entry.summary)
  addJson(program)
  program.hook('preSubcommand', async (_program, command) => {
    const entry = spec.catalog.find(({ name }) => name === command.name())
    if (!entry) return
    command.description(`${entry.summary}.`)
    const module = await entry.load()
    module.define(command, cli)
    addJson(command)
  })
  program.hook('preAction', (_program, action) => {
    cli.out.json = action.optsWithGlobals<{ json?: boolean }>().json === true
  })
  return program
}

function addJson(command: Command): void {
  command.option('--json', 'print one JSON object per line')
  for (const subcommand of command.commands) {
    if (command.parent) addJson(subcommand)
  }
}

function outputOf(name: string, cli: ProgramOutput) {
  return {
    writeOut: (text: string) => cli.out.help(text),
    writeErr: (text: string) => cli.out.note(text),
    outputError: (text: string) => {
      const words = text.replace(/^error: (?:command-argument value )?/u, '').trimEnd()
      cli.out.failure(name, 'USAGE', words)
    },
  }
}

// `help send` and the bare `friends` are spelt out, so that commander finds a command's own file.
function withBareCommand<C>(spec: ProgramSpec<C>, args: readonly string[]): string[] {
  const at = args.findIndex((arg) => !arg.startsWith('-'))
  const [name, ...rest] = args.slice(Math.max(0, at))
  if (at < 0 || name === undefined) return [...args]
  const before = args.slice(0, at)
  if (name === 'help' && rest.length > 0) return [...before, ...rest, '--help']
  const bare = spec.catalog.find((entry) => entry.name === name)?.bare
  const asksHelp = rest.includes('--help') || rest.includes('-h')
  if (bare === undefined || asksHelp || rest.some((arg) => !arg.startsWith('-'))) return [...args]
  return [...before, name, bare, ...rest]
}

function asksJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end < 0 ? args.length : end).includes('--json')
}

const helpCodes = new Set(['commander.helpDisplayed', 'commander.version'])

function commanderExit(error: CommanderError): ExitCode {
  return helpCodes.has(error.code) ? exitCodes.success : exitCodes.usage
}
