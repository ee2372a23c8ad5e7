import { AppError } from '@parley/errors'
import { z } from 'zod'

/** Environment variables as a process gets them. */
export type Env = Readonly<Record<string, string | undefined>>

/**
 * The environment as a typed object; throws one `AppError` (invalid, CONFIG_INVALID) that names
 * every bad variable at once. An empty variable counts as not set.
 */
export function loadEnv<S extends z.ZodType>(schema: S, env: Env): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw new AppError('invalid', 'CONFIG_INVALID', explain(result.error), { cause: result.error })
}

// Names and complaints only, never the values: one of them may be a key.
function explain(error: z.ZodError): string {
  const problems = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  return `the environment is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`
}

const addressShape = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/
const switchWords: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  0: false,
  false: false,
}

// Each word once, however it is spaced.
function listed(text: string): string[] {
  return [...new Set(text.split(',').map((each) => each.trim()))]
}

function eachOf<W extends string>(known: readonly W[]) {
  const error = ({ input }: { readonly input?: unknown }) =>
    `"${String(input)}" is none of ${known.join(', ')}`
  return z.array(z.enum(known, { error }))
}

/** Pieces of which the services' schemas are made. */
export const env = {
  /** A port number, 0 for any free one. */
  port: (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback),
  /** A whole number within bounds. */
  int: (fallback: number, min: number, max: number) =>
    z.coerce.number().int().min(min).max(max).default(fallback),
  /** A text. */
  text: (fallback: string) => z.string().default(fallback),
  /** `host:port` of a peer. */
  address: (fallback: string) =>
    z.string().regex(addressShape, 'must be host:port').default(fallback),
  /** `host:port` of each of several peers, with commas between; each once. */
  addresses: (fallback: string, most: number) =>
    z
      .string()
      .default(fallback)
      .transform(listed)
      .refine((all) => all.every((each) => addressShape.test(each)), 'must be host:port,host:port')
      .refine((all) => all.length <= most, `must name at most ${most}`),
  /** The http(s) root of a peer, without a slash at its end. */
  httpRoot: (fallback: string) =>
    z
      .string()
      .regex(/^https?:\/\/[^/\s]+$/, 'must be http(s)://host:port without a path')
      .default(fallback),
  /** Whatever `parse` makes of it; a text that it answers says what is wrong. */
  parsed: <T extends object>(parse: (text: string) => T | string) =>
    z
      .string()
      .transform((text, context) => {
        const read = parse(text)
        if (typeof read !== 'string') return read
        context.addIssue({ code: 'custom', message: read })
        return z.NEVER
      })
      .optional(),
  /** 1 or true, 0 or false. */
  flag: (fallback: boolean) =>
    z
      .enum(['0', '1', 'true', 'false'], 'must be 1 or 0')
      .transform((word) => switchWords[word] === true)
      .default(fallback),
  /** Some of the words that are known, with commas between; each once. */
  words: <W extends string>(known: readonly W[], fallback: readonly W[]) =>
    z
      .string()
      .transform(listed)
      .pipe(eachOf(known))
      .default([...fallback]),
  /** As `words`, or 1 for all of them, 0 for none; none unless set. */
  parts: <W extends string>(known: readonly W[]) =>
    z
      .string()
      .transform((text) => {
        if (!Object.hasOwn(switchWords, text)) return listed(text)
        return switchWords[text] === true ? [...known] : []
      })
      .pipe(eachOf(known))
      .default([]),
  /** A key shared between processes. */
  sharedKey: () => z.string().min(32, 'must have at least 32 characters').optional(),
} as const
