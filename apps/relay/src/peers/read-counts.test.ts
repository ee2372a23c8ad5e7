import { expect, test } from 'vitest'
import { maxReceiptFollowers } from '../session/mention-position.ts'
import { relaysWorld } from '../testing/relays-world.ts'

/** A group of which one relay has too many members for receipts of each, and the other has one. */
async function setup() {
  const { a, b, done, advance } = relaysWorld()
  const owner = await done(a.register('owner'))
  const members = []
  for (let i = 0; i <= maxReceiptFollowers; i += 1) {
    const member = await done(a.register(`member${i}`))
    await done(a.befriend(owner, member))
    members.push(member)
  }
  const group = await done(a.group(owner, ...members))
  const [alone = owner, ...others] = members
  const here = [owner, ...others].map((login) => a.connect(login))
  const there = b.connect(alone)
  await advance(3_000)
  const seq = members.length + 2
  there.send(group, 'read this')
  await advance(100)
  const read = { $case: 'read', value: { conversationId: group, seq } } as const
  return { here, there, read, advance }
}

test('a relay where many follow a group counts also those who read elsewhere', async () => {
  const { here, there, read, advance } = await setup()
  there.tell(read)
  await advance(1_100)
  expect(here[5]?.of('receipts')).toMatchObject([{ positions: [], readCount: 1 }])
})

test('a relay where few follow it is told that there are readers where many do, and tells how many', async () => {
  const { here, there, read, advance } = await setup()
  for (const device of here.slice(0, 3)) device.tell(read)
  await advance(1_100)
  expect(there.of('receipts').at(-1)).toMatchObject({ positions: [], readCount: 3 })
})
