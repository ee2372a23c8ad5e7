import { parseArgs } from 'node:util'
import { AppError } from '@parley/errors'
import type { Store } from './world.ts'

/** What `npm run torture` is asked for. */
export interface TortureOptions {
  readonly profile: 'ci' | 'long' | 'proof' | 'simulate'
  readonly seed: number
  readonly stores: readonly Store[]
  /** Of `long`: it goes on for so long, or until both of the next are reached. */
  readonly minutes: number
  readonly messages: number
  readonly kills: number
  /** Of `simulate`: the first and the last seed. */
  readonly seeds: readonly [number, number]
  /** Where histories go; without it only those that broke a promise are kept, in the temporary folder. */
  readonly out: string | undefined
  /** A factor for how much is said and how often it breaks, to find something quickly. */
  readonly size: number
}

const usage = `npm run torture -- [--profile ci|long|proof] [--seed N] [--store sqlite|mariadb]
                      [--minutes M] [--messages N] [--kills K] [--size F] [--out FOLDER]
npm run torture -- --simulate [--seeds A..B]`

/** Reads the command line; throws `AppError` (invalid, USAGE) with the usage. */
export function readOptions(args: readonly string[]): TortureOptions {
  const { values } = parse(args)
  if (values.help) wrong('Tortures a whole system and says which promise it broke.')
  const { store, out } = values
  const number = (name: 'seed' | 'minutes' | 'messages' | 'kills' | 'size') => {
    const value = Number(values[name])
    return Number.isFinite(value) && value >= 0 ? value : wrong(`--${name} is a number`)
  }
  const profile = values.simulate ? 'simulate' : values.profile
  return {
    profile: isProfile(profile) ? profile : wrong(`there is no profile ${profile}`),
    seed: number('seed'),
    stores: store === undefined ? ['sqlite', 'mariadb'] : [isStore(store) ? store : wrong(store)],
    minutes: number('minutes'),
    messages: number('messages'),
    kills: number('kills'),
    size: number('size'),
    seeds: seedsOf(values.seeds),
    out,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        profile: { type: 'string', default: 'ci' },
        seed: { type: 'string', default: '1' },
        store: { type: 'string' },
        minutes: { type: 'string', default: '10' },
        messages: { type: 'string', default: '0' },
        kills: { type: 'string', default: '0' },
        size: { type: 'string', default: '1' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
        simulate: { type: 'boolean', default: false },
        seeds: { type: 'string', default: '1..100' },
      },
    })
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
}

function seedsOf(text: string): readonly [number, number] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? wrong('--seeds is written A..B')
  return [Number(from), Number(to)]
}

function isProfile(text: string): text is TortureOptions['profile'] {
  return ['ci', 'long', 'proof', 'simulate'].includes(text)
}

function isStore(text: string): text is Store {
  return text === 'sqlite' || text === 'mariadb'
}

function wrong(what: string): never {
  throw new AppError('invalid', 'USAGE', `${what}\n\n${usage}`)
}
