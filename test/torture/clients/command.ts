import type { Wire } from '../../harness/wire.ts'

/** One command of a client, as the wire takes it. */
export type CommandCase = Parameters<Wire['write']>[number]
