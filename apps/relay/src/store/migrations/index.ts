import { first } from './0001-first.ts'

/** All migrations, in order; the database remembers how many it has seen. */
export const migrations: readonly (readonly string[])[] = [first]
