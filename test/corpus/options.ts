import { parseArgs } from 'node:util'
import { AppError } from '@parley/errors'

/** What `npm run corpus` is asked for. */
export interface CorpusOptions {
  /** Of the mutations: the same seed turns the same bytes. */
  readonly seed: number
  /** After so long no more images are tried. */
  readonly minutes: number
  /** How many mutations are made of each image. */
  readonly mutations: number
  /** Source packages; undefined for all. */
  readonly packages: readonly string[] | undefined
  /** Only images with this in their name. */
  readonly only: string
  /** Whether the result is kept in bench/results. */
  readonly save: boolean
}

const usage = `npm run corpus -- [--seed N] [--minutes M] [--mutations K] [--packages a,b] [--only TEXT] [--no-save]`

/** Reads the command line; throws `AppError` (invalid, USAGE) with the usage. */
export function readOptions(args: readonly string[]): CorpusOptions {
  const { help, packages, only, ...values } = parse(args)
  if (help) wrong('Gives images of strangers to an image server and judges what it makes of them.')
  const number = (name: 'seed' | 'minutes' | 'mutations') => {
    const value = Number(values[name])
    return Number.isSafeInteger(value) && value >= 0 ? value : wrong(`--${name} is a whole number`)
  }
  return {
    seed: number('seed'),
    minutes: number('minutes'),
    mutations: number('mutations'),
    packages: packages?.split(','),
    only,
    // A part of the corpus is for a look, not a result.
    save: values['no-save'] !== true && packages === undefined && only === '',
  }
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '90' },
        mutations: { type: 'string', default: '3' },
        packages: { type: 'string' },
        only: { type: 'string', default: '' },
        'no-save': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
}

function wrong(what: string): never {
  throw new AppError('invalid', 'USAGE', `${what}\n\n${usage}`)
}
