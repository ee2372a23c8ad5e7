import path from 'node:path'

/**
 * Where processes keep what they have compiled, the same for all tests: half of a start is reading
 * modules. Only what ends in order writes to it, so it must outlast a world whose parts are killed.
 */
export const compileCache =
  process.env['NODE_COMPILE_CACHE'] ??
  path.resolve(import.meta.dirname, '../../node_modules/.cache/parley-compiled')
