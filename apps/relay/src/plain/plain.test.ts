import { chat } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { lostAnswers } from '../testing/lost-answers.ts'
import { annAndBob } from '../testing/plain-world.ts'
import { slowQuestions } from '../testing/slow-journal.ts'
import { maxWaitingTexts } from './plain-sends.ts'

const textsOfAnn = (lines: readonly string[]) => lines.filter((line) => line.startsWith('ann'))

describe('a plain client', () => {
  test('is shown what it missed, in order and once, and then what is new', async () => {
    const { world, bob, say } = await annAndBob()
    await say('one', 'two')
    const first = await world.plain(bob)
    expect(textsOfAnn(first.client.lines)).toEqual(['ann -> bob: one', 'ann -> bob: two'])
    await say('three')
    expect(first.client.lines.at(-1)).toBe('ann -> bob: three')
    first.session.leave()
    expect(first.client.ending).toBe('left')
    await world.scheduler.advance(200)
    await say('four')
    const second = await world.plain(bob)
    expect(second.client.lines).toEqual(['ann -> bob: four'])
  })

  test('is shown again what its connection had not taken', async () => {
    const { world, bob, say } = await annAndBob()
    const first = await world.plain(bob)
    first.client.stopReading()
    await say('one', 'two', 'three')
    first.client.read(1, false)
    first.session.cut()
    await world.scheduler.advance(200)
    const second = await world.plain(bob)
    expect(second.client.lines).toEqual(['ann -> bob: two', 'ann -> bob: three'])
  })

  test('that reads nothing is shown no more than fits, and later the rest', async () => {
    const { world, bob, say } = await annAndBob()
    const { client } = await world.plain(bob)
    const before = client.shown.length
    client.stopReading()
    const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(1_000)}`)
    for (let at = 0; at < 300; at += 50) await say(...texts.slice(at, at + 50))
    expect(client.shown.length - before).toBeLessThan(80)
    for (let turn = 0; turn < 300; turn += 1) {
      client.read()
      await world.settle()
    }
    expect(client.shown.slice(before).map(({ text }) => text)).toEqual(texts)
  })

  test('does not see what its own user says elsewhere, nor its own texts', async () => {
    const { world, ann, annHere } = await annAndBob()
    const { client, session } = await world.plain(ann)
    // The other device of ann was replaced by this one, which has the same id here.
    expect(annHere.isEnded).toBe(true)
    const before = client.lines.length
    await world.done(session.say('bob', 'hello'))
    expect(client.lines.length).toBe(before)
  })

  test('speaks of the server where nobody speaks, and names files with their sizes', async () => {
    const { world, bob, ann, annHere } = await annAndBob()
    const { client } = await world.plain(bob)
    const group = await world.group(ann, bob)
    await world.settle()
    expect(client.lines.at(-1)).toBe('Server#a group -> #a group: bob joined')
    annHere.tell({
      $case: 'send',
      value: chat.Send.create({
        clientMessageId: Buffer.from(world.engine.sessions.newId()),
        target: { $case: 'conversationId', value: group },
        content: { content: { $case: 'nudge', value: {} } },
      }),
    })
    await world.settle()
    expect(client.lines.at(-1)).toBe('ann#a group -> #a group: ann nudges')
  })
})

describe('a plain text', () => {
  test('goes to a person by name, and is on disk when it is answered', async () => {
    const { world, bob, annHere } = await annAndBob()
    const { session } = await world.plain(bob)
    await world.done(session.say('ann', 'hello'))
    const [run] = annHere.of('entries').slice(-1)
    expect(annHere.seen(run!.conversationId)).toEqual(['1 hello'])
  })

  test('goes to a group by its title, also as an answer to one who wrote there', async () => {
    const { world, ann, bob, annHere } = await annAndBob()
    const { session } = await world.plain(bob)
    const group = await world.group(ann, bob)
    await world.settle()
    expect(session.groups()).toEqual(['#a group'])
    await world.done(session.say('#a group', 'to all'))
    await world.done(session.say('ann#a group', 'an answer'))
    expect(
      annHere
        .seen(group)
        .slice(-2)
        .map((line) => line.split(' ').slice(1).join(' ')),
    ).toEqual(['to all', 'an answer'])
  })

  test('that may be read in several ways goes to the first that is a group, else to the first', async () => {
    const { world, ann, bob, annHere } = await annAndBob()
    const { session } = await world.plain(bob)
    const group = await world.group(ann, bob)
    await world.settle()
    await world.done(session.say(['ann#a, group', 'ann#a group'], 'as typed'))
    expect(annHere.seen(group).at(-1)).toContain('as typed')
    await world.done(session.say(['#a group', '#none'], 'as shown'))
    expect(annHere.seen(group).at(-1)).toContain('as shown')
    await world.done(session.say(['ann', 'nobody'], 'to ann'))
    const [direct] = annHere.of('entries').slice(-1)
    expect(annHere.seen(direct!.conversationId)).toEqual(['1 to ann'])
    await expect(world.done(session.say(['#x', '#y'], 'which'))).rejects.toThrow('no group')
  })

  test('is told apart by the end of the id where two groups have one title', async () => {
    const { world, ann, bob, annHere } = await annAndBob()
    const { client, session } = await world.plain(bob)
    const [one, other] = [await world.group(ann, bob), await world.group(ann, bob)]
    await world.scheduler.advance(1_000)
    const labels = session.groups()
    expect(labels.toSorted()).toEqual(
      [one, other].map((id) => `#a group~${id.toString('hex').slice(-6)}`).toSorted(),
    )
    await expect(world.done(session.say('#a group', 'which'))).rejects.toThrow('no group')
    await world.done(session.say(`#a group~${one.toString('hex').slice(-6)}`, 'this'))
    expect(annHere.seen(one).at(-1)).toContain('this')
    annHere.send(other, 'hi')
    await world.settle()
    expect(client.shown.at(-1)?.getter).toBe(`#a group~${other.toString('hex').slice(-6)}`)
  })

  test('goes to no other group when it answers what was said in one that the user has left', async () => {
    const { world, ann, bob, annHere } = await annAndBob()
    const [left, other] = [await world.group(ann, bob), await world.group(ann, bob)]
    annHere.send(left, 'an old secret')
    await world.settle()
    await world.run('leaveGroup', { user: bob.user, conversationId: left })
    const { client, session } = await world.plain(bob)
    expect(session.groups()).toEqual(['#a group'])
    const shown = client.shown.find(({ text }) => text === 'an old secret')
    expect(shown?.getter).toBe(`#a group~${left.toString('hex').slice(-6)}`)
    await expect(world.done(session.say(shown!.sender, 'hm'))).rejects.toThrow('no group')
    expect(annHere.seen(other).at(-1)).not.toContain('hm')
  })

  test('follows a group that gets another title', async () => {
    const { world, ann, bob } = await annAndBob()
    const { client, session } = await world.plain(bob)
    const conversationId = await world.group(ann, bob)
    await world.run('renameGroup', { user: ann.user, conversationId, title: 'team, #1' })
    await world.scheduler.advance(1_000)
    expect(session.groups()).toEqual(['#team, #1'])
    await world.done(session.say('ann#team, #1', 'hi'))
    expect(client.lines.at(-1)).toContain('the group is called "team, #1" now')
  })

  test('to nobody, to no group and from somebody blocked is refused with the reason', async () => {
    const { world, ann, bob } = await annAndBob()
    const { session } = await world.plain(bob)
    await expect(world.done(session.say('nobody', 'x'))).rejects.toMatchObject({
      reason: 'USER_UNKNOWN',
    })
    await expect(world.done(session.say('#none', 'x'))).rejects.toMatchObject({
      reason: 'GROUP_UNKNOWN',
    })
    await world.run('blockUser', { user: ann.user, otherId: bob.userId })
    await expect(world.done(session.say('ann', 'x'))).rejects.toMatchObject({ reason: 'BLOCKED' })
  })

  test('whose outcome is not known is repeated under its id until it is, and later ones wait', async () => {
    const { around, lose } = lostAnswers()
    const { world, bob, annHere } = await annAndBob({ around })
    const { session } = await world.plain(bob)
    await world.done(session.say('ann', 'first'))
    lose(true)
    const both = Promise.all([session.say('ann', 'second'), session.say('ann', 'third')])
    await world.scheduler.advance(2_500)
    lose(false)
    await world.scheduler.advance(2_500)
    await both
    const [run] = annHere.of('entries').slice(-1)
    const seen = annHere.seen(run!.conversationId)
    await world.plain(bob)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.at(-1)).toBe('3 third')
  })

  test('beyond those that may wait is refused', async () => {
    const { world, bob } = await annAndBob()
    const { session } = await world.plain(bob)
    const all = Array.from({ length: maxWaitingTexts + 1 }, (_, i) => session.say('ann', `${i}`))
    const settled = await world.done(Promise.allSettled(all))
    expect(settled.slice(0, -1).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(settled.at(-1)).toMatchObject({ reason: { reason: 'TOO_MANY_WAITING' } })
  })
})

describe('a plain session', () => {
  test('is not there before its groups are known', async () => {
    const questions = slowQuestions()
    const { world, ann, bob } = await annAndBob({ around: questions.around })
    await world.group(ann, bob)
    questions.holdNext()
    let isIn = false
    const coming = world.plain(bob).then((plain) => {
      isIn = true
      return plain
    })
    await world.scheduler.advance(1_000)
    expect(isIn).toBe(false)
    questions.release()
    await world.scheduler.advance(1_000)
    const { session } = await coming
    expect(session.groups()).toEqual(['#a group'])
  })

  test('lives as long as its connection, with tokens that are renewed', async () => {
    const { world, ann, bob } = await annAndBob()
    const { client } = await world.plain(bob)
    await world.scheduler.advance(3 * 3_600_000)
    expect(client.ending).toBeUndefined()
    expect(world.renewals.count).toBeGreaterThan(10)
    const annAgain = world.connect(ann)
    await world.settle()
    annAgain.send({ user: bob.userId }, 'still there')
    await world.settle()
    expect(client.lines.at(-1)).toBe('ann -> bob: still there')
  })

  test('ends when its login cannot be renewed any more', async () => {
    const { world, bob } = await annAndBob()
    const { client } = await world.plain(bob)
    world.renewals.fails = true
    await world.scheduler.advance(20 * 60_000)
    expect(client.ending).toMatchObject({ reason: 'TOKEN_EXPIRED' })
  })

  test('is replaced by the next login of its device, and says so', async () => {
    const { world, bob, say } = await annAndBob()
    const first = await world.plain(bob)
    const second = await world.plain(bob)
    expect(first.client.ending).toMatchObject({ reason: 'REPLACED' })
    await say('hi')
    expect(second.client.lines.at(-1)).toBe('ann -> bob: hi')
    expect(first.client.lines.at(-1)).not.toBe('ann -> bob: hi')
  })

  test('tells presence whether the client said that it leaves', async () => {
    const { world, bob } = await annAndBob()
    const first = await world.plain(bob)
    first.session.leave()
    first.session.cut()
    const second = await world.plain(bob)
    second.session.cut()
    const told = world.presence.filter((line) => line.startsWith('bob'))
    expect(told).toEqual(['bob came', 'bob went clean', 'bob came', 'bob went dirty'])
    expect(world.connections.size).toBe(1)
  })

  test('lists who is online with the user itself', async () => {
    const { world, bob } = await annAndBob()
    world.online.push('cat', 'ann')
    const { session } = await world.plain(bob)
    expect(await session.online()).toEqual(['ann', 'bob', 'cat'])
  })
})
