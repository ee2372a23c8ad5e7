import { AppError } from '@parley/errors'
import { runService } from '@parley/service-kit'
import { writeSync } from 'node:fs'

// A small service whose behaviour is chosen by MODE, to be run as a process of a cluster.
await runService({
  name: 'fixture',
  loadConfig: (env) => ({
    logLevel: 'info' as const,
    mode: env['MODE'] ?? 'good',
    parentWatch: env['PARLEY_PARENT_WATCH'],
  }),
  async start({ mode, parentWatch }) {
    if (mode === 'refused') throw new AppError('conflict', 'ADDRESS_IN_USE', 'port 7 is taken')
    if (mode === 'broken') throw new Error('a bug')
    if (mode === 'silent') await new Promise((resolve) => setTimeout(resolve, 60_000))
    writeSync(2, `parent watch ${parentWatch}\n`)
    const keepAlive = setInterval(() => undefined, 60_000)
    const close = () => {
      clearInterval(keepAlive)
      return Promise.resolve()
    }
    return { addresses: { public: '127.0.0.1:1' }, close }
  },
})
