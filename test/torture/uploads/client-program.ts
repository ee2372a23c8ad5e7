// A client process that is going to be killed: uploads the files that it is told of, some at once.
import { connect, login, openHome } from '@parley/client'
import type { ChatClient } from '@parley/client'
import { toAppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { ClientTask, FromClient } from './client-process.ts'

/** Waits a fifth as long before it tries again, so that hundreds of interruptions take seconds. */
const hasty: Scheduler = {
  ...systemScheduler,
  setTimer: (delayMs, fn) => systemScheduler.setTimer(delayMs / 5, fn),
}

process.on('message', (task: ClientTask) => void work(task))

async function work({ home, server, name, password, files, lanes }: ClientTask): Promise<void> {
  const state = await openHome(home)
  const options = { servers: [server], state }
  if (!state.login()) await login(options, { name, password, deviceName: 'uploads' })
  const client = connect({ ...options, transient: true, scheduler: hasty })
  const left = [...files]
  const lane = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      tell(await upload(client, file))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  await client.close()
  state.close()
  process.disconnect()
}

// What is given up is begun again, as by somebody who runs a command again.
async function upload(client: ChatClient, file: string): Promise<FromClient> {
  for (;;) {
    try {
      const { receipt, content } = await client.uploadFile(file)
      const sent = content.content
      return { file, receipt, fileId: sent?.$case === 'file' ? sent.value.fileId : '' }
    } catch (error) {
      const { kind, reason } = toAppError(error)
      if (kind !== 'unavailable') return { file, failure: `${reason}: ${String(error)}` }
    }
  }
}

function tell(message: FromClient): void {
  process.send?.(message)
}
