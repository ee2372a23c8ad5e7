import { MemoryState, connect, register } from '@parley/client'

/** What the sender is asked to do. */
export type Order =
  | { readonly do: 'send'; readonly userId: string; readonly path: string }
  | { readonly do: 'direct'; readonly conversationId: string; readonly allowed: boolean }
  | { readonly do: 'befriend'; readonly userId: string }

/** What it says when that is done. */
export interface Told {
  readonly userId?: string
  readonly conversationId?: string
  readonly seq?: number
}

// The device that has a file, as a process of its own: what it costs there is told apart from the rest.
const server = process.argv[2] ?? ''
const options = { servers: [server], state: new MemoryState() }
const password = 'a password of the bench'
const { userId } = await register(options, { name: 'ann', password, deviceName: 'bench' })
const client = connect({ ...options, directHost: '127.0.0.1', directUdp: false })

async function carryOut(order: Order): Promise<Told> {
  const other = 'userId' in order ? Buffer.from(order.userId.replaceAll('-', ''), 'hex') : undefined
  switch (order.do) {
    case 'befriend':
      await client.calls.contacts.request({ userId: other ?? Buffer.alloc(0), text: '' })
      return {}
    case 'direct':
      client.direct(order.conversationId, order.allowed)
      return {}
    case 'send': {
      const { content, receipt } = await client.uploadFile(order.path)
      const sent = await client.send({ userId: order.userId }, content, { receipt })
      if (sent.state !== 'accepted') throw new Error('the file was not accepted')
      return { conversationId: sent.conversationId, seq: sent.seq }
    }
  }
}

process.on('message', (order: Order) => {
  void carryOut(order).then((told) => process.send?.(told))
})
process.once('disconnect', () => void client.close())
process.send?.({ userId })
