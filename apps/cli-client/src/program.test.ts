import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { AppError } from '@parley/errors'
import type { CatalogEntry } from './catalog.ts'
import { example, wholeNumber } from './options.ts'
import { Output } from './output.ts'
import { runProgram } from './program.ts'

function setup() {
  const shown = { out: '', err: '' }
  const stdout = { write: (text: string) => (shown.out += text) }
  const out = new Output(stdout, { write: (text: string) => (shown.err += text) })
  const cli = { out }
  const loaded: string[] = []
  const spec = {
    name: 'parley',
    description: 'Talks',
    version: '1.2.3',
    epilogue: 'The end.',
    catalog: catalogOf(loaded),
  }
  const run = (...args: string[]) => runProgram(spec, args, cli)
  return { run, shown, loaded }
}

type TestCli = { readonly out: Output }

function catalogOf(loaded: string[]): CatalogEntry<TestCli>[] {
  const lazily = (name: string, define: (command: Command, cli: TestCli) => void) => ({
    name,
    summary: `Does ${name}`,
    load: () => {
      loaded.push(name)
      return Promise.resolve({ define })
    },
  })
  return [
    lazily('send', (command, cli) => {
      command
        .argument('<target>')
        .argument('<text...>')
        .option('--reply <seq>', 'answer an entry', wholeNumber)
        .addHelpText('after', example('parley send @bob hi'))
        .action((target: string, text: string[], options: { reply?: number }) => {
          if (target === '@nobody') throw new AppError('not-found', 'NO_SUCH_USER', 'who?')
          const line = { type: 'sent', target, text: text.join(' '), reply: options.reply ?? null }
          cli.out.result(line, `to ${target}: ${text.join(' ')}`)
        })
    }),
    {
      ...lazily('friends', (command, cli) => {
        command.command('list').action(() => cli.out.result({ type: 'list' }, 'listed'))
        command
          .command('add')
          .argument('<name>')
          .action((name: string) => {
            cli.out.result({ type: 'added', name }, `added ${name}`)
          })
      }),
      bare: 'list',
    },
  ]
}

describe('runProgram', () => {
  test('the list of commands needs none of their files', async () => {
    const { run, shown, loaded } = setup()
    expect(await run('--help')).toBe(0)
    expect(shown.out).toContain('Does send')
    expect(shown.out).toContain('The end.')
    expect(loaded).toEqual([])
  })

  test.each([[['send', '--help']], [['help', 'send']]])('%j shows an example', async (args) => {
    const { run, shown } = setup()
    expect(await run(...args)).toBe(0)
    expect(shown.out).toContain('parley send @bob hi')
  })

  test('carries a command out with its options on either side of the words', async () => {
    const { run, shown } = setup()
    expect(await run('send', '--reply', '4', '@bob', 'hello', 'there', '--json')).toBe(0)
    expect(JSON.parse(shown.out)).toEqual({
      type: 'sent',
      target: '@bob',
      text: 'hello there',
      reply: 4,
    })
  })

  test('--json may stand before the command', async () => {
    const { run, shown } = setup()
    await run('--json', 'friends', 'add', 'bob')
    expect(JSON.parse(shown.out)).toEqual({ type: 'added', name: 'bob' })
  })

  test('after -- everything is text', async () => {
    const { run, shown } = setup()
    expect(await run('send', '@bob', '--', '--json', '-x')).toBe(0)
    expect(shown.out).toBe('to @bob: --json -x\n')
  })

  test.each([[['friends']], [['friends', '--json']]])(
    'the bare %j means its list',
    async (args) => {
      const { run, shown } = setup()
      expect(await run(...args)).toBe(0)
      expect(shown.out).toMatch(/list/)
    },
  )

  test.each([
    ['an unknown command', ['sned'], 'Did you mean send'],
    ['an unknown subcommand', ['friends', 'ad'], 'Did you mean add'],
    ['an unknown option', ['send', '@bob', 'x', '--replly', '1'], 'Did you mean --reply'],
    ['a missing argument', ['send', '@bob'], 'text'],
    ['a bad number', ['send', '@bob', 'x', '--reply', '1.5'], 'whole number'],
    ['too many arguments', ['friends', 'list', 'x'], 'too many arguments'],
  ])('%s is wrong usage and says what is right', async (_note, args, words) => {
    const { run, shown } = setup()
    expect(await run(...args)).toBe(2)
    expect(shown.err).toContain(words)
    expect(shown.out).toBe('')
  })

  test('wrong usage after --json is one JSON line', async () => {
    const { run, shown } = setup()
    expect(await run('send', '@bob', '--json')).toBe(2)
    expect(JSON.parse(shown.err)).toMatchObject({ type: 'error', reason: 'USAGE' })
  })

  test('no command at all shows the help as wrong usage', async () => {
    const { run, shown } = setup()
    expect(await run()).toBe(2)
    expect(shown.err).toContain('Does send')
  })

  test('a refusal ends with 1 and its reason on stderr', async () => {
    const { run, shown } = setup()
    expect(await run('send', '@nobody', 'x')).toBe(1)
    expect(shown.err).toBe('parley: NO_SUCH_USER: who?\n')
  })

  test('an escape typed as a command does not reach the terminal', async () => {
    const { run, shown } = setup()
    await run('\u001b]0;x\u0007')
    expect(shown.err).not.toContain('\u001b')
  })
})
