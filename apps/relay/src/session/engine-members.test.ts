import { describe, expect, test } from 'vitest'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeWorldOptions } from '../testing/fake-world.ts'
import { slowQuestions } from '../testing/slow-journal.ts'
import type { Journal } from '../store/journal.ts'
import { maxViews } from './load-places.ts'

/** Ann owns a group with bob; both are connected. */
async function setup(options: FakeWorldOptions = {}) {
  const world = fakeWorld(options)
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  await world.befriend(ann, bob)
  const group = await world.group(ann, bob)
  const [annHere, bobHere] = [world.connect(ann), world.connect(bob)]
  await world.settle()
  const membership = { user: bob.user, conversationId: group }
  const remove = { user: ann.user, conversationId: group, otherId: bob.userId }
  return { world, ann, bob, annHere, bobHere, group, membership, remove }
}

describe('the open stream of a member', () => {
  test('ends with the entry of its removal, and gets nothing after it', async () => {
    const { world, annHere, bobHere, group, remove } = await setup()
    await world.run('removeMember', remove)
    annHere.send(group, 'without bob')
    await world.settle()
    expect(bobHere.seen(group)).toEqual(['2 membership', '3 membership'])
    bobHere.send(group, 'still here?')
    await world.settle()
    expect(bobHere.of('refused')).toMatchObject([{ reason: 'NOT_A_MEMBER' }])
  })

  test('gets nothing of what the same command writes after the member has left', async () => {
    const { world, ann, annHere, group } = await setup()
    // The group is handed on to bob, in an entry after the one that ann has left.
    await world.run('leaveGroup', { user: ann.user, conversationId: group })
    await world.settle()
    expect(annHere.seen(group).at(-1)).toBe('3 membership')
  })

  test('goes on where it returns, after a gap', async () => {
    const { world, annHere, bobHere, group, membership } = await setup()
    await world.run('leaveGroup', membership)
    annHere.send(group, 'unheard')
    await world.settle()
    await world.run('joinGroup', membership)
    annHere.send(group, 'heard')
    await world.settle()
    expect(bobHere.seen(group)).toEqual(['2 membership', '3 membership', '5 membership', '6 heard'])
    expect(bobHere.of('gap').slice(-1)).toMatchObject([{ from: 4, to: 4, why: 1 }])
  })

  test('hears no more typing, and its own reaches nobody, after a removal', async () => {
    const { world, annHere, bobHere, group, remove } = await setup()
    await world.run('removeMember', remove)
    const typing = { $case: 'typing', value: { conversationId: group, typing: true } } as const
    annHere.tell(typing)
    bobHere.tell(typing)
    await world.settle()
    expect([annHere.of('typing'), bobHere.of('typing')]).toEqual([[], []])
  })

  test('gets what was written before its removal even when it was behind', async () => {
    const { world, annHere, bobHere, group, remove } = await setup()
    bobHere.stopReading(0)
    for (let i = 0; i < 300; i += 1) annHere.send(group, `${i} ${'x'.repeat(8_000)}`)
    await world.settle()
    await world.run('removeMember', remove)
    annHere.send(group, 'without bob')
    await world.settle()
    for (let i = 0; i < 10; i += 1) {
      bobHere.read()
      await world.settle()
    }
    const seen = bobHere.seen(group)
    expect(seen.length).toBe(302)
    expect(seen.at(-1)).toBe('303 membership')
  })
})

describe('a change of members while a session is loading its conversations', () => {
  test('a removal counts although the answer to the question does not know of it', async () => {
    const questions = slowQuestions()
    const { world, bob, annHere, group, remove } = await setup({ around: questions.around })
    const login = await world.another(bob)
    questions.holdNext()
    const phone = world.connect(login)
    await world.settle()
    await world.run('removeMember', remove)
    questions.release()
    await world.settle()
    annHere.send(group, 'without bob')
    await world.settle()
    expect(phone.seen(group).some((line) => line.includes('without'))).toBe(false)
    expect(phone.seen(group).at(-1)).toBe('3 membership')
    expect(phone.of('caughtUp').length).toBe(1)
  })

  test('a return is sent once, from where the device stands', async () => {
    const questions = slowQuestions()
    const { world, bob, annHere, group, membership } = await setup({ around: questions.around })
    await world.run('leaveGroup', membership)
    annHere.send(group, 'unheard')
    await world.settle()
    const phone = await world.another(bob)
    questions.holdNext()
    const cursors = [{ conversationId: group, epoch: 1, seq: 3 }]
    const device = world.connect(phone, { cursors })
    await world.settle()
    await world.run('joinGroup', membership)
    questions.release()
    await world.settle()
    annHere.send(group, 'heard')
    await world.settle()
    expect(device.seen(group)).toEqual(['5 membership', '6 heard'])
    expect(device.events.filter((event) => event.$case === 'caughtUp').length).toBe(1)
  })

  test('a new conversation does not bring CaughtUp before the others are loaded', async () => {
    const questions = slowQuestions()
    const { world, ann, bob, group } = await setup({ around: questions.around })
    const login = await world.another(bob)
    questions.holdNext()
    const device = world.connect(login)
    await world.settle()
    const second = world.group(ann, bob)
    await world.settle()
    questions.release()
    const made = await second
    await world.settle()
    const caughtUpAt = device.events.findIndex((event) => event.$case === 'caughtUp')
    const groupAt = device.events.findIndex(
      (event) => event.$case === 'entries' && event.value.conversationId.equals(group),
    )
    expect(groupAt).toBeGreaterThan(0)
    expect(caughtUpAt).toBeGreaterThan(groupAt)
    expect(device.seen(made).length).toBeGreaterThan(0)
  })

  test('that never comes to rest ends the stream, which may try again', async () => {
    let asked = 0
    let unrest = () => undefined as void
    const around = (journal: Journal): Journal => ({
      ...journal,
      async ask(name, args) {
        const answer = await journal.ask(name, args)
        if (name === 'sessionView') {
          asked += 1
          unrest()
        }
        return answer
      },
    })
    const { world, bob } = await setup({ around })
    const login = await world.another(bob)
    unrest = () => {
      for (const session of world.engine.hub.sessionsOf(bob.user)) session.moves += 1
    }
    asked = 0
    const restless = world.connect(login)
    await world.settle()
    expect(asked).toBe(maxViews)
    expect(restless.refusal?.reason).toBe('BUSY')
    unrest = () => undefined
    const again = world.connect(login)
    await world.settle()
    expect(again.of('caughtUp').length).toBe(1)
  })
})
