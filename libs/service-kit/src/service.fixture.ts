import { createServer } from 'node:net'
import { AppError } from '@parley/errors'
import { z } from 'zod'
import { loadEnv, lockFolder, runService } from './index.ts'

// A small service whose behaviour is chosen by MODE, to be run as a process.
const schema = z.object({
  MODE: z.enum(['good', 'slow-stop', 'bad-stop', 'refused', 'broken', 'away', 'late', 'rejects']),
  LOCKED: z.string().optional(),
})

type Mode = z.output<typeof schema>['MODE']

const starts: Partial<Record<Mode, () => void>> = {
  refused: () => {
    throw new AppError('conflict', 'FOLDER_IN_USE', 'the folder is taken')
  },
  away: () => {
    throw new AppError('unavailable', 'STORE_AWAY', 'the store is away')
  },
  broken: () => {
    throw new Error('a bug')
  },
  late: () => {
    setTimeout(() => {
      throw new Error('a late bug')
    }, 1)
  },
  rejects: () => {
    void Promise.reject(new Error('forgotten'))
  },
}

const stops: Partial<Record<Mode, () => Promise<void>>> = {
  'slow-stop': () => new Promise(() => undefined),
  'bad-stop': () => Promise.reject(new Error('stuck')),
}

await runService({
  name: 'fixture',
  stopLimitMs: 200,
  loadConfig: (env) => {
    const { MODE: mode, LOCKED: folder } = loadEnv(schema, env)
    return { logLevel: 'info' as const, mode, folder }
  },
  async start({ mode, folder }) {
    starts[mode]?.()
    if (folder !== undefined) lockFolder(folder)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = stops[mode] ?? (() => new Promise((resolve) => server.close(() => resolve())))
    return { addresses: { public: '127.0.0.1:1' }, close: async () => close() }
  },
})
