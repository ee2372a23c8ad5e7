import { randomUUID } from 'node:crypto'
import path from 'node:path'
import sharp from 'sharp'
import { idBytes } from '@parley/client'
import type { SendResult } from '@parley/client'
import { befriend } from '../../harness/person.ts'
import type { Person } from '../../harness/person.ts'
import { startWorld } from '../../harness/world.ts'
import type { World } from '../../harness/world.ts'

const variants = ['thumb', 'preview', 'full'] as const

/** I19 for pictures: breaches when somebody is served who bears no ticket for this very image. */
export async function nobodyReadsWithoutTicket(): Promise<string[]> {
  const world = await startWorld()
  try {
    const [ann, bob] = [await world.person('ann'), await world.person('bob')]
    await befriend(ann, bob)
    const own = await sendPicture(world, ann, bob, 'one')
    const other = await sendPicture(world, ann, bob, 'other')
    const breaches: string[] = []
    for (const variant of variants) {
      const probes = {
        own: own.ticket,
        none: undefined,
        garbage: randomUUID(),
        other: other.ticket,
      }
      for (const [who, ticket] of Object.entries(probes)) {
        const status = await statusOf(`${own.url}/${variant}`, ticket)
        if ((status === 200) === (who === 'own')) continue
        breaches.push(`I19: ${variant} with the ticket "${who}" is answered ${status}`)
      }
    }
    return breaches
  } finally {
    await world.stop()
  }
}

interface Picture {
  readonly url: string
  readonly ticket: string
}

/** Ann sends a picture, Bob is given a ticket for it. */
async function sendPicture(world: World, ann: Person, bob: Person, name: string): Promise<Picture> {
  const file = path.join(world.folder, `${name}.png`)
  const [width, background] = name === 'one' ? [64, '#fff'] : [65, '#000']
  await sharp({ create: { width, height: 64, channels: 3, background } }).toFile(file)
  const client = ann.connect({ transient: true })
  const { content, receipt } = await client.uploadImage(file)
  const { conversationId, seq } = accepted(
    await client.send({ userId: bob.userId }, content, { receipt }),
  )
  const place = { conversationId: idBytes(conversationId), seq }
  return await bob.calls.attachments.createTicket(place)
}

function accepted(result: SendResult) {
  if (result.state === 'accepted') return result
  throw new Error('the picture was not accepted')
}

async function statusOf(url: string, ticket: string | undefined): Promise<number> {
  const headers: Record<string, string> =
    ticket === undefined ? {} : { Authorization: `Bearer ${ticket}` }
  const answer = await fetch(url, { headers })
  await answer.body?.cancel()
  return answer.status
}
